#!/usr/bin/python3
#
# 20-numbers - telephone numbers as Tandem reads them, against libphonenumber-js and python3-phonenumbers
#
# usage: t/peer/20-numbers.t [SEED]
#
# Numbers of every country and kind, right and wrong, written in many ways, go through `tandem number --batch`, each with a home
# country. The peers are of different years: what they agree on is compared, and there must be enough of that.

import json
import os
import random
import re
import subprocess
import sys
import tempfile

SRC = os.path.abspath(os.environ.get('TANDEM_SRC', os.path.join(os.path.dirname(__file__), '../..')))
BUILD = os.environ.get('TANDEM_BUILD', SRC + '/build/release')
EACH = 150        # numbers for each region
FLOOR = {'number': 12000, 'region': 10000, 'kind': 10000, 'refusal': 1200}
SHOWN = 15        # differences printed for each check
EVERYWHERE = ['US', 'GB', 'DE', 'IT', 'RU', 'HU', 'AU', 'JP', 'BR', 'EG', 'AR', 'MX', 'FR', 'IN']


def skip(why):
	print('1..0 # SKIP ' + why)
	sys.exit(0)


try:
	import phonenumbers
	from phonenumbers import PhoneNumberFormat, PhoneNumberType
except ImportError:
	skip('no python3-phonenumbers for /usr/bin/python3 (scripts/bootstrap --test installs it)')

# ---- tables ----


def table(name):
	with open(f'{SRC}/lib/text/data/{name}.tsv', encoding='utf-8') as f:
		lines = [line.rstrip('\n').split('\t') for line in f if not line.startswith('#')]
	return [dict(zip(lines[0], line)) for line in lines[1:]]


PLANS = table('country_calling_codes')
NOBODYS = {row['areacode'] for row in table('nanp_region') if row['region'] == '001'}
CARRIERS = ('BO', 'BR', 'CO', 'KR')  # where libphonenumber reads them
KINDS = {}
for row in table('phone_kinds'):
	KINDS.setdefault((row['cc'], row['region']), []).append(row['regex'])

# ---- making numbers ----


class Pattern:
	"""A random string that a pattern of phone_kinds.tsv takes."""

	def __init__(self, text, rng):
		self.rest, self.rng = text.replace('(?:', '('), rng

	def alternatives(self):
		out = [self.sequence()]
		while self.rest.startswith('|'):
			self.rest = self.rest[1:]
			out.append(self.sequence())
		return lambda: self.rng.choice(out)()

	def sequence(self):
		pieces = []
		while self.rest and self.rest[0] not in '|)':
			pieces.append(self.piece())
		return lambda: ''.join(p() for p in pieces)

	def piece(self):
		made = self.atom()
		match = re.match(r'\?|\{(\d+)(?:,(\d+))?\}', self.rest)
		if not match:
			return made
		self.rest = self.rest[match.end():]
		least = int(match[1] or 0)
		most = int(match[2] or match[1] or 1)
		return lambda: ''.join(made() for _ in range(self.rng.randint(least, most)))

	def atom(self):
		if self.rest[0] == '(':
			self.rest = self.rest[1:]
			made = self.alternatives()
			self.rest = self.rest[1:]
			return made
		token = re.match(r'\[[^]]*\]|\\d|\d', self.rest)[0]
		self.rest = self.rest[len(token):]
		digits = [d for d in '0123456789' if re.fullmatch(token, d)]
		return lambda: self.rng.choice(digits)


def mutated(nsn, rng):
	"""One or two digits changed, or the length."""
	digits = list(nsn)
	how = rng.random()
	if how < 0.5:
		for _ in range(rng.randint(1, 2)):
			digits[rng.randrange(len(digits))] = rng.choice('0123456789')
	elif how < 0.7:
		digits += [rng.choice('0123456789') for _ in range(rng.randint(1, 3))]
	else:
		del digits[rng.randrange(len(digits)):]
	return ''.join(digits)


def nationals(plan, rng):
	"""EACH national numbers of a region."""
	made = [Pattern(p, rng).alternatives() for p in KINDS.get((plan['cc'], plan['region']), [])]
	lengths = [int(n) for n in plan['nsn_lengths'].split(',')]
	examples = [phonenumbers.national_significant_number(e) for e in (
		phonenumbers.example_number_for_type(plan['region'], t) if plan['region'] != '001' else
		phonenumbers.example_number_for_non_geo_entity(int(plan['cc'])) for t in range(11)) if e]
	for i in range(EACH):
		if made and i % 10 < 6:
			yield made[i % len(made)]()
		elif examples and i % 10 < 8:
			yield mutated(rng.choice(examples), rng)
		elif made and i % 10 == 8:
			yield mutated(made[i % len(made)](), rng)
		else:
			yield ''.join(rng.choice('0123456789') for _ in range(rng.choice(lengths)))


def spaced(digits, rng):
	"""Separators that people put between digits."""
	out, i = [], 0
	while i < len(digits):
		n = rng.randint(2, 4)
		out.append(digits[i:i + n])
		i += n
	return rng.choice([' ', '-', '.', '', '\u00a0', '/'] if len(digits) > 3 else ['']).join(out)


def written(plan, nsn, rng):
	"""The number as somebody may write it, and the home country of who reads it."""
	region, cc = plan['region'], plan['cc']
	how = rng.random()
	if region != '001' and how < 0.45:
		if how < 0.2:
			number = phonenumbers.PhoneNumber(country_code=int(cc), national_number=int(nsn or 0))
			zeros = len(nsn) - len(nsn.lstrip('0'))
			if zeros:
				number.italian_leading_zero, number.number_of_leading_zeros = True, zeros
			return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL), region
		trunk = plan['national_prefix']
		return (f'({trunk}{nsn[:2]}) {spaced(nsn[2:], rng)}' if how < 0.25 else trunk + spaced(nsn, rng)), region
	home = rng.choice(EVERYWHERE)
	if how < 0.6:
		return f'+{cc}{nsn}', home
	if how < 0.8:
		return f'+{cc} {spaced(nsn, rng)}', home
	if how < 0.88:
		return f'tel:+{cc}-{spaced(nsn, rng).replace("/", "-")}', home
	if how < 0.92:
		return ''.join(chr(ord(c) + 0xFEE0) for c in f'+{cc}{nsn}'), home
	idd = {'US': '011', 'RU': '810', 'AU': '0011', 'JP': '010'}.get(home, '00')
	return (f'{idd} {cc} {spaced(nsn, rng)}', home) if home != 'BR' else (f'00{cc}{nsn}', 'FR')


# ---- who reads them ----

TYPES = {
	PhoneNumberType.FIXED_LINE: 'FIXED_LINE', PhoneNumberType.MOBILE: 'MOBILE',
	PhoneNumberType.FIXED_LINE_OR_MOBILE: 'FIXED_LINE_OR_MOBILE', PhoneNumberType.TOLL_FREE: 'TOLL_FREE',
	PhoneNumberType.PREMIUM_RATE: 'PREMIUM_RATE', PhoneNumberType.SHARED_COST: 'SHARED_COST', PhoneNumberType.VOIP: 'VOIP',
	PhoneNumberType.PERSONAL_NUMBER: 'PERSONAL_NUMBER', PhoneNumberType.PAGER: 'PAGER', PhoneNumberType.UAN: 'UAN',
	PhoneNumberType.VOICEMAIL: 'VOICEMAIL', PhoneNumberType.UNKNOWN: None,
}
OURS = {
	'FIXED_LINE': 'fixed', 'MOBILE': 'mobile', 'FIXED_LINE_OR_MOBILE': 'fixed-or-mobile', 'TOLL_FREE': 'toll-free',
	'PREMIUM_RATE': 'premium', 'SHARED_COST': 'shared-cost', 'VOIP': 'voip', 'PERSONAL_NUMBER': 'personal', 'PAGER': 'pager',
	'UAN': 'uan', 'VOICEMAIL': 'voicemail',
}


def plain(text):
	"""Without what the peers do not know: tel: before any +, and full-width digits."""
	return ''.join(chr(ord(c) - 0xFEE0) if '\uff0b' <= c <= '\uff19' else c for c in text.removeprefix('tel:'))


def by_python(cases):
	for text, home in cases:
		try:
			number = phonenumbers.parse(plain(text), home)
		except phonenumbers.NumberParseException:
			yield {}
			continue
		region = phonenumbers.region_code_for_number(number)
		yield {
			'e164': phonenumbers.format_number(number, PhoneNumberFormat.E164),
			'possible': phonenumbers.is_possible_number(number), 'valid': phonenumbers.is_valid_number(number),
			'region': None if region == '001' else region, 'kind': TYPES[phonenumbers.number_type(number)],
		}


def filtered(command, lines, **more):
	done = subprocess.run(command, input=''.join(json.dumps(line) + '\n' for line in lines), capture_output=True, text=True,
		timeout=60, **more)
	out = [json.loads(line) for line in done.stdout.splitlines()]
	if len(out) != len(lines):
		print(f'Bail out! {command[0]}: {len(out)} answers to {len(lines)} questions: {done.stderr[:200]}')
		sys.exit(1)
	return out


def by_javascript(cases, modules):
	return filtered(['node', SRC + '/t/peer/numbers.js'], [(plain(text), home) for text, home in cases], env={**os.environ, 'NODE_PATH': modules})


def by_tandem(cases):
	"""One run for each home country, answers in the order of the cases."""
	out = [None] * len(cases)
	with tempfile.TemporaryDirectory() as folder:
		for home in sorted({home for _, home in cases}):
			mine = [i for i, case in enumerate(cases) if case[1] == home]
			with open(folder + '/tandem.conf', 'w', encoding='utf-8') as f:
				f.write(f'sms_domain = "sms.example.com";\nhome_country = "{home}";\n')
			answers = filtered([BUILD + '/bin/tandem', '-c', folder + '/tandem.conf', 'number', '--batch'],
				[{'number': cases[i][0]} for i in mine])
			for i, answer in zip(mine, answers):
				out[i] = answer
	return out


# ---- what differs on purpose ----


def apart(name, case, want, mine):
	"""Why a difference is meant, or None."""
	text, home = case
	error, nanp = mine.get('error') or '', (mine['e164'] or '').startswith('+1')
	if name == 'number':
		typed = re.sub(r'[^0-9]', '', plain(text))
		if len(want) > 16:
			return 'longer than the 15 digits of E.164'
		if len(want) < 8:
			return 'shorter than any subscriber number: services of a country'
		if want.startswith('+1') and len(want) == 9:
			return 'seven digits in North America: 310-xxxx needs no area code'
		if 'leave out the 0' in error or (mine['e164'] is None and typed.endswith('0' + without_code(want))):
			return 'a national prefix after the country code: told, not guessed'
		if typed.startswith('00') and not text.startswith('+'):
			return '00 begins an international number everywhere'
		if mine['e164'] is None and want[-len(typed):] == typed and len(want) > len(typed) + len(code_of(home)) + 1:
			return 'a local number without its area code: not guessed'
		if 'digits after' in error and want[-5:] == typed[-5:] and len(want) - 1 > len(typed):
			return 'a number without its area code, which the metadata add'
		if want == '+' + typed:
			return 'a country code without +: not guessed'
		if want == f'+{code_of(home)}{typed}' and mine['e164'] is None:
			return 'no mobile, and without the national prefix: may be a short code'
	if name == 'refusal' and text.startswith(('00', '(00')):
		return '00 begins an international number everywhere'
	if name == 'refusal' and home in CARRIERS and mine['region'] == home and text[0] in '0(':
		return 'carrier codes between national prefix and number are not read'
	if name == 'region' and mine['region'] is None and mine['e164'][2:5] in NOBODYS and nanp:
		return 'non-geographic numbers of North America are of no country'
	if name == 'kind' and mine['region'] is None and not nanp:
		return 'codes of no country are named by what they cost'
	return None


def without_code(e164):
	return next(e164[1 + len(plan['cc']):] for plan in PLANS if e164.startswith('+' + plan['cc']))


def code_of(region):
	return next(plan['cc'] for plan in PLANS if plan['region'] == region)


def main():
	oracles = subprocess.run([SRC + '/scripts/npm-oracles'], capture_output=True, text=True)
	if oracles.returncode:
		skip(oracles.stderr.strip().replace('\n', '; '))
	seed = int(sys.argv[1]) if len(sys.argv) > 1 else 20261125
	rng = random.Random(seed)
	cases = [written(plan, nsn, rng) for plan in PLANS for nsn in nationals(plan, rng)]
	print(f'# seed {seed}: {len(cases)} numbers, {len({home for _, home in cases})} home countries, phonenumbers '
		f'{phonenumbers.__version__}')
	seen = dict.fromkeys(FLOOR, 0)
	wrong = {name: [] for name in FLOOR}
	meant, excused = {}, 0
	for case, js, py, mine in zip(cases, by_javascript(cases, oracles.stdout.strip()), by_python(cases), by_tandem(cases)):
		told = []
		if js.get('valid') and py.get('valid') and js['e164'] == py['e164']:
			told.append(('number', js['e164'], mine['e164']))
			if mine['e164'] == js['e164']:
				if js['region'] == py['region']:
					told.append(('region', js['region'], mine['region']))
				if js['kind'] == py['kind']:
					told.append(('kind', OURS[js['kind']], mine['kind']))
		elif not js.get('possible') and not py.get('possible'):
			told.append(('refusal', None, mine['e164']))
		for name, want, got in told:
			why = apart(name, case, want, mine) if got != want else None
			if why:
				meant[why] = meant.get(why, 0) + 1
				excused += name in ('number', 'refusal')
				continue
			seen[name] += 1
			if got != want:
				wrong[name].append(f'{case[0]!r} in {case[1]}: {name} is {got}, want {want} ({mine.get("error")}; {mine["e164"]})')
	print(f'1..{2 * len(FLOOR) + 1}')
	for i, (name, floor) in enumerate(FLOOR.items()):
		print(f'{"not " if wrong[name] else ""}ok {2 * i + 1} - {name}: {seen[name] - len(wrong[name])} of {seen[name]} as both peers')
		for line in wrong[name][:SHOWN]:
			print('# ' + line)
		print(f'{"not " if seen[name] < floor else ""}ok {2 * i + 2} - {name}: enough compared ({seen[name]}, at least {floor})')
	few = excused * 50 < seen['number']
	print(f'{"" if few else "not "}ok {2 * len(FLOOR) + 1} - few numbers read otherwise on purpose ({excused})')
	for why, n in sorted(meant.items()):
		print(f'# meant: {n} {why}')


main()
