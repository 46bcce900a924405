// twilio.js - signs webhooks as Twilio does, with Twilio's SDK
//
// usage: node twilio.js NODE_MODULES <LINES >LINES
// A line in is {"token", "url", "params"} or {"token", "url", "body"}; a line out {"signature", "url", "form", "valid"}: the URL that
// is called, the form of the parameters, and whether the SDK takes its own signature.
'use strict';
const path = require('path');
const crypto = require('crypto');
const lines = require('fs').readFileSync(0, 'utf8').split('\n').filter(Boolean);
const sdk = require(path.join(process.argv[2], 'twilio', 'lib', 'webhooks', 'webhooks.js'));

for (const line of lines) {
	const ask = JSON.parse(line);
	let { url } = ask;
	if (ask.body !== undefined)
		url += (url.includes('?') ? '&' : '?') + 'bodySHA256=' + crypto.createHash('sha256').update(ask.body).digest('hex');
	const params = ask.params || {};
	const signature = sdk.getExpectedTwilioSignature(ask.token, url, params);
	const valid = ask.body === undefined ? sdk.validateRequest(ask.token, signature, url, params)
		: sdk.validateRequestWithBody(ask.token, signature, url, ask.body);
	const form = new URLSearchParams();
	for (const [name, value] of Object.entries(params))
		for (const one of [].concat(value))
			form.append(name, one);
	process.stdout.write(JSON.stringify({ signature, url, form: form.toString(), valid }) + '\n');
}
