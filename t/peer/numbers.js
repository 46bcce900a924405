/*
 * numbers - telephone numbers as libphonenumber-js reads them
 *
 * usage: NODE_PATH=… node t/peer/numbers.js <JSON lines [text, home] >JSON lines
 *
 * A line out for each line in: {} if it is no number there, else {e164, possible, valid, region, kind}.
 */
'use strict';

const { parsePhoneNumberWithError } = require('libphonenumber-js/max');

function read(text, home) {
	let number;

	try {
		number = parsePhoneNumberWithError(text, { defaultCountry: home, extract: false });
	} catch (error) {
		return {};
	}
	return {
		e164: number.number, possible: number.isPossible(), valid: number.isValid(), region: number.country || null,
		kind: number.getType() || null,
	};
}

const lines = require('fs').readFileSync(0, 'utf8').split('\n').filter(Boolean);
process.stdout.write(lines.map((line) => JSON.stringify(read(...JSON.parse(line))) + '\n').join(''));
