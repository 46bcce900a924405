#!/usr/bin/python3
#
# 10-segments - encoding and segments as Tandem counts them, against sms-segments-calculator and split-sms
#
# usage: t/peer/10-segments.t [SEED]
#
# Random texts go through `tandem segments --batch`, smart encoding off. What is known to differ:
#  - split-sms knows no graphemes: it cuts through flags, families and accents. It is compared where every grapheme is one scalar,
#    cut points too; elsewhere it can only need fewer segments.
#  - sms-segments-calculator keeps graphemes as Unicode 10 knew them, node's Intl.Segmenter as its ICU does (since Unicode 15.1 with
#    Indic conjuncts), Tandem as Unicode 14 did. Where the two differ on a text, Tandem must agree with one of them.
#  - A grapheme longer than a segment is put into one by sms-segments-calculator; Tandem cuts it. None is made here.

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import unicodedata

SRC = os.path.abspath(os.environ.get('TANDEM_SRC', os.path.join(os.path.dirname(__file__), '../..')))
BUILD = os.environ.get('TANDEM_BUILD', SRC + '/build/release')
EACH = 450 # texts of each kind
SHOWN = 5
CONF = '''sms_domain = "sms.example.com";
home_country = "US";
countries = ["US"];
text = { smart = false; };
'''

# ---- making texts ----

BASIC = ('@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿'
	'abcdefghijklmnopqrstuvwxyzäöñüà')
EXTENSION = '^{}\\[~]|€'
LATIN = 'abcdefghijklmnopqrstuvwxyz     eeeaaiion'
TURKISH = 'abcçdefgğhıijklmnoöprsştuüvyzİŞĞÇ     '
ARABIC = 'ابتثجحخدذرزسشصضطظعغفقكلمنهوي    ءآأؤإئىة،؟'
MARKS = '\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670'
HEBREW = 'אבגדהוזחטיכלמנסעפצקרשת   '
CJK = '注文確認您的订单已发货ありがとうございました。、'
HANGUL = '주문이접수되었습니다감사 '
JAMO = '\u1100\u1161\u11a8\u1102\u1165\u11ab'
DEVANAGARI = 'आपका ऑर्डर भेज दिया गया है क्षत्रिय स्त्री'
THAI = 'สวัสดีครับ คำสั่งซื้อของคุณ'
EMOJI = '😀😂🎉📦🚚👍🙏🔥💳🏠'
PEOPLE = '👨👩👧👦👶'
TONES = '🏻🏼🏽🏾🏿'
HANDS = '👍👋🙏👏✋'
SIGNS = '❤☎✈☀✔⚠♥'
ACCENTS = '\u0301\u0308\u0323\u0327\u030a'


def flag(rng):
	return ''.join(chr(0x1F1E6 + rng.randrange(26)) for _ in range(2))


def family(rng):
	return '\u200d'.join(rng.choice(PEOPLE) for _ in range(rng.randint(2, 4)))


def emoji(rng):
	how = rng.random()
	if how < 0.3:
		return rng.choice(EMOJI)
	if how < 0.45:
		return flag(rng)
	if how < 0.6:
		return family(rng)
	if how < 0.75:
		return rng.choice(HANDS) + rng.choice(TONES)
	if how < 0.85:
		return rng.choice(SIGNS) + '\ufe0f'
	if how < 0.95:
		return rng.choice('0123456789#*') + '\ufe0f\u20e3'
	return rng.choice(PEOPLE) + '\u200d' + rng.choice('💻🚀⚕') + rng.choice(['', '\ufe0f'])


def marked(letters, marks, chance):
	return lambda rng: rng.choice(letters) + (rng.choice(marks) * rng.randint(1, 2) if rng.random() < chance else '')


def one_of(*makers):
	return lambda rng: rng.choice(makers)(rng)


def letter(letters):
	return lambda rng: rng.choice(letters)


KINDS = {
	'GSM 03.38': letter(BASIC),
	'GSM 03.38 with extension': one_of(letter(BASIC), letter(BASIC), letter(EXTENSION)),
	'extension alone': letter(EXTENSION),
	'Turkish': letter(TURKISH),
	'Arabic': letter(ARABIC),
	'vowelled Arabic': marked(ARABIC, MARKS, 0.4),
	'Hebrew, Chinese, Japanese, Korean': one_of(letter(HEBREW), letter(CJK), letter(HANGUL)),
	'accents and jamo': one_of(marked(LATIN, ACCENTS, 0.3), letter(JAMO)),
	'Hindi and Thai': one_of(letter(DEVANAGARI), letter(THAI)),
	'emoji': emoji,
	'emoji in Latin text': lambda rng: emoji(rng) if rng.random() < 0.1 else rng.choice(LATIN),
	'everything': one_of(letter(BASIC), letter(EXTENSION), letter(ARABIC), letter(TURKISH), emoji, letter(CJK)),
}

# where parts end, and around it
LENGTHS = [1, 66, 67, 68, 69, 70, 71, 72, 133, 134, 135, 152, 153, 154, 159, 160, 161, 162, 200, 201, 202, 268, 305, 306, 307, 458, 459, 460]


def texts(maker, rng):
	for i in range(EACH):
		want = rng.choice(LENGTHS) + rng.randint(-1, 1) if i % 2 else rng.randint(1, 520)
		text = ''
		while len(text) < max(want, 1):
			text += maker(rng)
		text = unicodedata.normalize('NFC', text.strip() or 'x')
		yield text


# ---- asking ----


def ask(command, lines):
	done = subprocess.run(command, input='\n'.join(lines) + '\n', stdout=subprocess.PIPE, encoding='utf-8', check=False)
	out = [json.loads(line) for line in done.stdout.splitlines()]
	if done.returncode or len(out) != len(lines):
		print(f'Bail out! {command[0]}: exit {done.returncode}, {len(out)} answers to {len(lines)} texts')
		sys.exit(1)
	return out


def segments(lines):
	with tempfile.TemporaryDirectory(prefix='tandem-peer.') as folder:
		conf = folder + '/tandem.conf'
		with open(conf, 'w', encoding='utf-8') as f:
			f.write(CONF)
		return ask([BUILD + '/bin/tandem', '-c', conf, 'segments', '--batch'], [json.dumps({'text': t}) for t in lines])


# ---- saying ----

asserted = failed = 0


def check(name, wrong):
	"""wrong: list of (text, what)."""
	global asserted, failed
	asserted += 1
	failed += bool(wrong)
	print(('not ok' if wrong else 'ok') + f' {asserted} - {name}')
	for text, what in wrong[:SHOWN]:
		print(f'#   {what}: {json.dumps(text)}')
	if len(wrong) > SHOWN:
		print(f'#   and {len(wrong) - SHOWN} more')


NAMES = {'GSM-7': 'gsm7', 'UCS-2': 'ucs2', 'GSM': 'gsm7', 'Unicode': 'ucs2'}


def compare(kind, lines, ours, theirs):
	encoding, count, plain, other, differ, ends = [], [], [], [], 0, []
	for text, mine, peer in zip(lines, ours, theirs):
		name, n = peer['twilio']
		allowed = {n} if mine['encoding'] == 'gsm7' else {n, peer['greedy']}
		differ += len(allowed) > 1
		if mine['text'] != text or mine['encoding'] != NAMES[name] or mine['encoding'] != NAMES[peer['split'][0]]:
			encoding.append((text, f"{mine['encoding']}, not {name}"))
		if mine['segments'] not in allowed:
			count.append((text, f"{mine['segments']} segments, not {sorted(allowed)}"))
		if mine['units'] != peer['split'][1]:
			other.append((text, f"{mine['units']} units, not {peer['split'][1]}"))
		cuts = peer['split'][2]
		if peer['single']:
			ends.append((text, cuts))
		if mine['segments'] != len(cuts) if peer['single'] else mine['segments'] < len(cuts):
			plain.append((text, f"{mine['segments']} segments, split-sms has {len(cuts)}"))
	check(f'{kind}: encoding of {len(lines)} texts', encoding)
	check(f'{kind}: segments as sms-segments-calculator counts', count)
	check(f'{kind}: segments as split-sms counts ({len(ends)} texts), or more where it cuts graphemes', plain)
	check(f'{kind}: units as split-sms counts', other)
	check(f'{kind}: the peers do not differ on more than a few', [('', f'{differ} of {len(lines)}')] if differ * 20 > len(lines) else [])
	return ends


def cut_points(ends):
	"""Part k ends where split-sms ends it: what is before takes k segments, a character more takes one more."""
	asked, wanted = [], []
	for text, cuts in ends:
		units = text.encode('utf-16-le')
		for k in range(2, len(cuts)):
			before = units[:cuts[k - 1] * 2].decode('utf-16-le')
			asked += [before, text[:len(before) + 1]]
			wanted += [k, k + 1]
	# A shorter text can be of another alphabet, where its parts end elsewhere.
	wrong, compared = [], 0
	alphabet = {True: 'gsm7', False: 'ucs2'}
	gsm = set(BASIC + EXTENSION)
	whole = [t for t, cuts in ends for _ in range(2, len(cuts)) for _ in (0, 1)]
	for text, all_of_it, mine, want in zip(asked, whole, segments(asked), wanted):
		if mine['encoding'] != alphabet[set(all_of_it) <= gsm]:
			continue
		compared += 1
		if mine['segments'] != want:
			wrong.append((text, f"{mine['segments']} segments up to a cut of split-sms, not {want}"))
	check(f'parts end where split-sms ends them ({compared} ends)', wrong)
	check('enough ends were compared', [] if compared > 2000 else [('', str(compared))])


def main():
	oracles = subprocess.run([SRC + '/scripts/npm-oracles'], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding='utf-8', check=False)
	if oracles.returncode or not shutil.which('node'):
		print('1..0 # SKIP ' + (oracles.stderr.strip() or 'there is no node').replace('\n', '; '))
		return 0
	seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.SystemRandom().randrange(1 << 32)
	print(f'# seed {seed}')
	rng = random.Random(seed)
	lines = {kind: list(texts(maker, rng)) for kind, maker in KINDS.items()}
	flat = [text for kind in lines.values() for text in kind]
	ours = segments(flat)
	theirs = ask(['node', SRC + '/t/peer/segments.js', oracles.stdout.strip()], [json.dumps(t) for t in flat])
	ends, at = [], 0
	for kind, some in lines.items():
		ends += compare(kind, some, ours[at:at + len(some)], theirs[at:at + len(some)])
		at += len(some)
	cut_points(ends)
	print(f'1..{asserted}')
	return failed > 0


sys.exit(main())
