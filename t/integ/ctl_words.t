#!/usr/bin/perl
# tandem segments, text and template: what the operator is told of a text before anybody sends it. No daemon is asked.
use strict;
use warnings;
use utf8;
use Encode qw(encode decode);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use FindBin;
use JSON::PP ();
use Test::More;
binmode(Test::More->builder->$_, ':utf8') for qw(output failure_output);

my $bin = $ENV{TANDEM_BIN} || "$FindBin::Bin/../../build/release/bin";
my $dir = tempdir(CLEANUP => 1);
make_path("$dir/etc/conf.d", "$dir/etc/templates");

sub put
{
	my ($file, $text) = @_;
	open my $fh, '>:raw', "$dir/$file" or die "$dir/$file: $!";
	print $fh utf8::is_utf8($text) ? encode('UTF-8', $text) : $text;
	close $fh;
	return "$dir/$file";
}

put('etc/tandem.conf', <<'CONF');
config_version = 1;
brand = "Nile Shop";
sms_domain = "sms.example.com";
home_country = "US";
template_dir = "templates";
default_locale = "en";
providers = ( { name = "file"; plugin = "file"; from = "+15550001111"; path = "/nonexistent"; } );
routes = ( { prefix = ["+"]; providers = ["file"]; } );
categories = { hello = { class = "transactional"; template = "hello"; };
	offer = { class = "marketing"; template = "offer"; optout_hint = "Reply STOP to opt out"; };
	news = { class = "marketing"; optout_hint = "Reply STOP to opt out"; }; };
text = { max_segments = 2; end_tags = ["[end]"]; remove = ["Ref: [0-9]+"]; };
CONF
put('etc/templates/hello.sms', "# sample name=Ana\nHello {{name}}.\n");
put('etc/templates/hello.ar.sms', "# sample name=ليلى\nمرحبا {{name}}.\n");
put('etc/templates/offer.sms',
	"# sample what=shoes\n# sample code=X1\n{{brand}}: {{what}}{{#if code}} with {{code}}{{/if}}\n");

# (exit status, stdout, stderr) with this on standard input
sub tandem
{
	my ($input, @args) = @_;
	my $in = put('stdin', $input // '');
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		open STDIN, '<', $in;
		open STDOUT, '>', "$dir/stdout";
		open STDERR, '>', "$dir/stderr";
		exec "$bin/tandem", '-c', "$dir/etc/tandem.conf", map { encode('UTF-8', $_) } @args or exit 127;
	}
	waitpid $pid, 0;
	my @out;
	for my $name (qw(stdout stderr)) {
		open my $fh, '<:raw', "$dir/$name" or die $!;
		local $/;
		push @out, decode('UTF-8', scalar(<$fh>) // '');
	}
	return ($? >> 8, @out);
}
sub documents
{
	my (undef, $out) = tandem(@_);
	return map { JSON::PP->new->decode($_) } split /\n/, $out;
}
sub one { my ($input, @args) = @_; return (documents($input, '--json', @args))[0] || {} }

# -- segments
is_deeply one('', 'segments', 'Grüße aus Köln'), { encoding => 'gsm7', segments => 1, units => 14, per_segment => 160,
	left => 146,
	text => 'Grüße aus Köln', replaced => 0 }, 'segments: one GSM 03.38 segment';
is_deeply [@{ one('', 'segments', 'a' x 161) }{qw(segments units per_segment left)}], [2, 161, 153, 145],
	'segments: two';
is_deeply [@{ one('', 'segments', ('a' x 152) . '€' . 'b') }{qw(segments units left)}], [1, 155, 5],
	'segments: an escape pair in one segment';
is_deeply [@{ one('', 'segments', ('a' x 152) . '€' . ('b' x 150)) }{qw(segments units left)}], [2, 304, 1],
	'segments: an escape pair does not fit the border, so less is left than the units say';
my $turkish = one('', 'segments', 'işiniz “hazır”');
is $turkish->{encoding}, 'ucs2', 'segments: one character makes it Unicode';
is_deeply [map { @{$_}{qw(code at)} } @{ $turkish->{unicode} }], ['U+015F', 2, 'U+201C', 8, 'U+0131', 12, 'U+201D',
	14], 'segments: which, and where';
is $turkish->{unicode}[0]{name}, 'LATIN SMALL LETTER S WITH CEDILLA', 'segments: by name';
is_deeply [@{ one('', 'segments', 'işiniz hazır', '--national', 'tr') }{qw(encoding national per_segment)}], ['gsm7',
	'tr', 155], 'segments --national';
is_deeply [@{ one('', 'segments', '“hello”') }{qw(text replaced)}], ['"hello"', 2], 'segments: after smart encoding';
is one('', 'segments', '“hello”', '--no-smart')->{encoding}, 'ucs2', 'segments --no-smart';
is one('', 'segments', '½', '--level', '2')->{text}, '1/2', 'segments --level';
is one("from a file\n", 'segments', '-')->{text}, 'from a file', 'segments -: standard input, without its last newline';
like +(tandem('', 'segments', 'işiniz'))[1],
	qr/^ucs2: 1 segment, 6 of 70 units used, 64 left\n.*\n  U\+015F +ş  LATIN SMALL LETTER S WITH CEDILLA \(character 2\)$/m,
	'segments, for people';
is +(tandem("\xFF\xFE", 'segments', '-'))[0], 1, 'segments: no UTF-8 is refused';
is +(tandem('', 'segments', 'x', '--level', '4'))[0], 2, 'segments --level 4: usage';
is_deeply [map { $_->{segments} // 'error' } documents(qq({"text":"a"}\n{"text":"@{['x' x 200]}"}\n{"no":1}\n),
	'segments', '--batch')], [1, 2, 'error'],
	'segments --batch: in order';

# -- text
sub mail { return join("\n", @_) . "\n" }
my $doc = one(mail('Subject: hi', '', 'Hello there', '', '-- ', 'Ana'), 'text', '-');
is_deeply [@{$doc}{qw(text encoding segments source class category)}], ['Hello there', 'gsm7', 1, 'text/plain',
	'transactional', undef], 'text: of the body';
is_deeply $doc->{removed}, [{ what => 'signature', text => "--\x{20}\nAna" }],
	'text: the signature is removed, and said so' or diag explain $doc->{removed};
$doc = one(mail('Subject: hi', '', 'Ref: 42 is done', '', '[end]', 'more'), 'text', '-');
is $doc->{text}, 'is done', 'text: end tag and expression';
is_deeply [sort map { $_->{what} } @{ $doc->{removed} }], ['end-tag', 'expression'], 'text: both are told';
is_deeply [@{ one(mail('Subject: hi', '', '“Hello” – she said…'), 'text', '-') }{qw(text replaced)}],
	['"Hello" - she said...', 4], 'text: smart encoding counted';
is_deeply [@{ one(mail('Subject: hi', '', ''), 'text', '-') }{qw(text source)}], ['hi', 'subject'], 'text: the Subject';
is_deeply [@{ one(mail('Subject: hi', '', '[end]', 'rest'), 'text', '-') }{qw(text source)}], ['hi', 'subject'],
	'text: the Subject when nothing is left';
is_deeply [@{ one(mail('From ana@example.com Mon Nov 23 10:00:00 2026', 'Content-Type: text/html', '',
	'<p>Hello <b>you</b></p>'), 'text', '-') }{qw(text source)}],
	['Hello you', 'text/html'], 'text: HTML, after the From line of a mailbox';
is_deeply [@{ one("X-Tandem-Text: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nX-Tandem-From: ExShop\r\n\r\nbody\r\n", 'text',
	'-') }{qw(text source)}], ['Grüße', 'header'],
	'text: X-Tandem-Text, whatever the sender id';
is_deeply [@{ one(mail('X-Tandem-Category: offer', 'X-Tandem-Var: what=hats', '', ''), 'text',
	'-') }{qw(text source template class category)}],
	['Nile Shop: hats Reply STOP to opt out', 'template', 'offer', 'marketing', 'offer'],
		"text: the category's template, with its opt-out hint";
is one(mail('X-Tandem-Template: hello', '', ''), 'text', '-', 'name=ليلى', 'locale=ar')->{text}, 'مرحبا ليلى.',
	'text: attributes of the person';

sub refused
{
	my ($what, $text, @lines) = @_;
	my ($status, $out, $err) = tandem(mail(@lines), 'text', '-');
	is $status, 1, "$what: exit 1";
	like $err, qr/^tandem: text: $text/, "$what: why";
	is $out, '', "$what: nothing else";
}
refused('no text', qr/5\.6\.0 no text for the SMS$/, 'Subject: ', '', '');
refused('too long', qr/5\.2\.3 the text takes 3 segments, at most 2 are allowed$/, 'Subject: x', '', 'a' x 400);
refused('its own limit', qr/5\.2\.3 the text takes 2 segments, at most 1 are allowed$/, 'X-Tandem-Max-Segments: 1',
	'', 'a' x 200);
refused('an undefined variable', qr/5\.6\.0 hello:2: undefined variable name$/, 'X-Tandem-Template: hello', '', '');
refused('a header that is none', qr/5\.6\.0 X-Tandem-Txt: no such header \(did you mean X-Tandem-Text\?\)$/,
	'X-Tandem-Txt: x', '', '');
is +(tandem('', 'text', "$dir/nonesuch"))[0], 1, 'text: no such file';
is +(tandem('', 'text', '-', 'name'))[0], 2, 'text: no NAME=VALUE is a usage error';
put('big.eml', mail('Subject: x', '', 'The beginning.', '[end]') . ("x" x 70 . "\n") x 300_000);
is one('', 'text', "$dir/big.eml")->{text}, 'The beginning.', 'text: 21 MB';
put('big.eml', 'x' x 26_214_401);
like +(tandem('', 'text', "$dir/big.eml"))[2], qr/over 26214400 bytes/, 'text: over 25 MB is refused';
put('one.eml', mail('Subject: x', '', 'in a file'));
is_deeply [map { $_->{text} // $_->{dsn} // $_->{error} } documents(join("\n",
	map { JSON::PP->new->ascii->encode($_) } { mail => mail('Subject: x', '', 'first') },
	{ mail => mail('Subject: ', '', '') }, { file => "$dir/one.eml" }, {}), 'text', '--batch')], ['first', '5.6.0',
		'in a file', 'no key "mail" or "file"'],
	'text --batch: in order';

# -- template
is +(tandem('', 'template', 'check'))[0], 0, 'template check: all is well' or diag +(tandem('', 'template',
	'check'))[1];
is_deeply [map { [@{$_}{qw(name locales categories)}] } documents('', '--json', 'template', 'list')],
	[['hello', ['ar', ''], ['hello']], ['offer', [''], ['offer']]], 'template list';
like +(tandem('', 'template', 'list'))[1], qr/^hello +segments ar:1 any:1  categories hello$/m,
	'template list, for people';
is one('', 'template', 'preview', 'offer')->{text}, 'Nile Shop: shoes with X1 Reply STOP to opt out',
	'template preview: the samples, and the hint';
is one('', 'template', 'preview', 'offer', 'what=hats', 'code=', '--category', 'hello')->{text}, 'Nile Shop: hats',
	'template preview: what is given comes first';
is one('', 'template', 'preview', 'hello', '--locale', 'ar-EG')->{locale}, 'ar',
	'template preview --locale: falls back';
like +(tandem('', 'template', 'preview', 'hello', '--no-sample'))[2],
	qr/^tandem: template preview: 5\.6\.0 hello:2: undefined variable name$/, 'template preview --no-sample';
is +(tandem('', 'template', 'preview', 'nonesuch'))[0], 1, 'template preview: no such template';

put('etc/templates/bad.sms', "# sample a=1\n{{a}}\n{{#if b}}{{/if}\n");
put('etc/templates/bad.en.sms', "# sample a=1\n{{a}}\n{{#if b}}never{{/if}}\n");
put('etc/templates/bad.de.sms', "# sample a=1\n{{a}}{{#unless a}}{{nonesuch a}}{{/unless}}\n");
put('etc/templates/long.sms', ('x' x 307) . "\n");
put('etc/templates/empty.sms', "# sample a=\n{{a}}\n");
put('etc/templates/offer.fr.sms', "# sample what=x\n{{what}}" . ('y' x 300) . "\n");
put('etc/templates/Bad Name.sms', "x\n");
put('etc/conf.d/50.conf', 'categories = { lost = { class = "service"; template = "lost"; }; };');
my ($status, $out) = tandem('', 'template', 'check');
is $status, 1, 'template check: exit 1';
for my $line (
	[qr/^bad\.sms:3: /m, 'a syntax error'],
	[qr/^bad\.en\.sms:3: variable b has no sample/m, 'a variable without a sample'],
	[qr/^bad\.de\.sms:2: /m, 'a syntax error in a branch that is not taken'],
	[qr/^long\.sms:1: the text takes 3 segments, at most 2 are allowed$/m, 'too long'],
	[qr/^empty\.sms:1: no text for the SMS$/m, 'no text'],
	[qr/^offer\.fr\.sms:1: the text takes 3 segments, at most 2 are allowed, as category offer$/m,
		'too long with the opt-out hint'],
	[qr/^Bad Name\.sms: /m, 'a file that no mail can name'],
	[qr/^category lost: no template "lost" in /m, 'a category without its template'],
	[qr/^hello\.sms: OK \(gsm7, 1 segment\)$/m, 'one that is well'],
) {
	like $out, $line->[0], "template check: $line->[1]";
}
is +(tandem('', 'template', 'check', 'hello'))[0], 0, 'template check NAME: only that one';
like +(tandem('', 'template', 'check', 'nonesuch'))[2],
	qr/^tandem: template check: no template "nonesuch" .*\(try: tandem template list\)$/,
	'template check: no such template';
is_deeply [map { $_->{ok} ? 1 : 0 } documents('', '--json', 'template', 'check', 'long')], [0], 'template check --json';
like +(tandem('', 'check'))[1], qr/^FAIL  template long\.sms:1: the text takes 3 segments/m,
	'tandem check says the same';

# -- every subcommand helps
my ($code, $all) = tandem('', '--help');
my @commands = $all =~ /^  (\w+(?: \w+)?)  /mg;
cmp_ok scalar @commands, '>', 30, 'the subcommands';
is_deeply [grep { (tandem('', split(/ /), '--help'))[1] !~ /^usage: .*\n(?s:.*)^example:\n  tandem /m } @commands],
	[], 'each has --help with an example';

done_testing;
