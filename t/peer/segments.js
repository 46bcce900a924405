/*
 * segments - what sms-segments-calculator and split-sms make of texts
 *
 * usage: node t/peer/segments.js MODULES <lines of JSON strings
 *
 * For each text one line:
 *   twilio  [encoding, segments] of sms-segments-calculator, which keeps graphemes as Unicode 10 knew them
 *   split   [encoding, units, cut points in UTF-16 units] of split-sms, which knows no graphemes
 *   greedy  segments in UCS-2 that keep graphemes as this node's Unicode knows them
 *   single  whether every grapheme is one scalar
 *   longest UTF-16 units of the longest grapheme
 */
'use strict';

const modules = process.argv[2];
const { SegmentedMessage } = require(modules + '/sms-segments-calculator');
const split = require(modules + '/split-sms');
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

function greedy(graphemes, units) {
	let parts = 1;
	let used = 0;
	if (units <= 70)
		return 1;
	for (const g of graphemes) {
		if (used + g.length > 67) {
			parts++;
			used = 0;
		}
		used += g.length;
	}
	return parts;
}

function look(text) {
	const twilio = new SegmentedMessage(text);
	const parts = split.split(text);
	const graphemes = [...segmenter.segment(text)].map(s => s.segment);
	const cuts = [];
	let at = 0;
	for (const part of parts.parts) {
		at += part.content.length;
		cuts.push(at);
	}
	return {
		twilio: [twilio.encodingName, twilio.segmentsCount],
		split: [parts.characterSet, parts.bytes / (parts.characterSet === 'GSM' ? 1 : 2), cuts],
		greedy: greedy(graphemes, text.length),
		single: graphemes.every(g => [...g].length === 1),
		longest: Math.max(...graphemes.map(g => g.length)),
	};
}

const lines = require('fs').readFileSync(0, 'utf8').split('\n');
lines.pop();
process.stdout.write(lines.map(line => JSON.stringify(look(JSON.parse(line))) + '\n').join(''));
