#!/usr/bin/perl
# The text a person gets, through a real Postfix: whatever the mail is made of, it reads right or is refused in the session.
use strict;
use warnings;
use utf8;
use Encode qw(encode);
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64 qw(encode_base64);
use Sandbox;
use Test::More;
binmode(Test::More->builder->$_, ':utf8') for qw(output failure_output);

# Beside the shipped ones, so that the texts asked for here do not depend on their wording.
my %templates = (
	'invoice.sms' => "# sample name=Ana\n# sample total=12.5\n# sample due=2026-11-29T10:30:00Z\n"
		. "Dear {{name|customer}}, {{money total EUR}} is due on {{date due long}} at {{time due short}}.\n",
	'invoice.en.sms' => "# sample name=Ana\n# sample total=12.5\n# sample due=2026-11-29T10:30:00Z\n"
		. "Hello {{name|there}}, {{money total EUR}} is due on {{date due long}} at {{time due short}}.\n",
	'invoice.ar.sms' => "# sample name=ليلى\n# sample total=12.5\n# sample due=2026-11-29T10:30:00Z\n"
		. "مرحبا {{name|بك}}، المبلغ {{money total EUR}} يستحق في {{date due long}}.\n",
	'parcel.sms' => "# sample name=Ana\n# sample where=Cairo\n# sample url=https://shop.example/p\n"
		. "{{name}}: your parcel\nis in {{where}}.{{#if url}} {{url}}{{/if}}\n",
);

sub write_templates
{
	my ($dir) = @_;
	mkdir "$dir/etc";
	system('cp', '-r', Sandbox::root() . '/conf/templates',
		"$dir/etc/templates") == 0 or die "$dir/etc/templates: not copied\n";
	for my $name (keys %templates) {
		open my $fh, '>:utf8', "$dir/etc/templates/$name" or die "$name: $!";
		print $fh $templates{$name};
		close $fh;
	}
}

my $box = Sandbox->up(prepare => \&write_templates, conf => <<'CONF');
template_dir = "templates";
categories = { invoice = { class = "transactional"; template = "invoice"; }; };
text = { end_tags = ["[end of sms]"]; remove = ["Ticket #[0-9]+:", "\\(c\\) Example.*"]; };
CONF
my $domain = $box->env('SMS_DOMAIN');
my $last = 4000;
sub number { return '+1555310' . ++$last }

my @plain = ('MIME-Version' => '1.0', 'Content-Type' => 'text/plain; charset=utf-8');

# A mail to a number of its own; returns its one SMS.
sub sms_of
{
	my ($what, %mail) = @_;
	my $to = delete $mail{number} || number();
	$mail{head} = [@{ $mail{head} || [] }];
	like $box->mail(to => "$to\@$domain", %mail), qr/^250 /, "$what: accepted";
	my @sms = $box->wait_sms(1, $to);
	is scalar @sms, 1, "$what: one SMS" or $box->show_logs;
	return $sms[0] || {};
}

# A header value as encoded words, folded as mail programs do.
sub words
{
	my ($text) = @_;
	return encode('MIME-Header', $text) =~ s/\r?\n/\r\n/gr;
}

# The same mail as a file, for `tandem text`.
sub file_of
{
	my (%mail) = @_;
	my $file = $box->dir . '/mail.eml';
	open my $fh, '>:raw', $file or die "$file: $!";
	print $fh Dialogue->message(%mail);
	close $fh;
	return $file;
}

sub text_is
{
	my ($what, $text, %mail) = @_;
	is sms_of($what, %mail)->{text}, $text, "$what: its text";
	is +($box->tandem_json('text', file_of(%mail)))[0]{text}, $text, "$what: tandem text says so";
}

sub refused
{
	my ($what, $re, %mail) = @_;
	my $to = number();
	my $reply = $box->mail(to => "$to\@$domain", %mail);
	my ($code) = $reply =~ /^\d{3} (\d\.\d\.\d) /;
	like $reply, $re, $what;
	is scalar(() = $box->sms_to($to)), 0, "$what: no SMS";
	like +($box->tandem('text', file_of(%mail)))[2], qr/^tandem: text: \Q$code\E /, "$what: tandem text says so";
}

# -- from the mail
text_is 'HTML alone',
	"Dear Ana,\nthank you for your order A-1001.\nShoes 2 49.90\nSocks 1 5.00\nFollow your order https://shop.example/o/1001",
	head => ['MIME-Version' => '1.0', 'Content-Type' => 'text/html; charset=utf-8', Subject => 'Your order'],
		body => <<'HTML';
<html><head><title>Order</title><style>td { color: red }</style></head><body>
<p>Dear Ana,</p><p>thank you for your order <b>A-1001</b>.</p>
<table><tr><td>Shoes</td><td>2</td><td>49.90</td></tr><tr><td>Socks</td><td>1</td><td>5.00</td></tr></table>
<p><a href="https://shop.example/o/1001">Follow your order</a></p><script>alert("no text")</script>
</body></html>
HTML

my $arabic = 'مرحبا ليلى، تم شحن طلبك رقم 10045.';
text_is 'Arabic, windows-1256 in base64', $arabic,
	head => ['MIME-Version' => '1.0', 'Content-Type' => 'multipart/alternative; boundary="b1"'],
	body => "--b1\nContent-Type: text/plain; charset=windows-1256\nContent-Transfer-Encoding: base64\n\n"
		. encode_base64(encode('cp1256', $arabic))
		. "--b1\nContent-Type: text/html; charset=utf-8\n\n<p>not this one</p>\n--b1--\n";

my $japanese = '荷物は明日届きます。';
text_is 'ISO-2022-JP', $japanese, head => ['MIME-Version' => '1.0',
	'Content-Type' => 'text/plain; charset=ISO-2022-JP'],
	body => encode('iso-2022-jp', "$japanese\n");

text_is 'a reply, format=flowed', 'Yes, tomorrow at ten suits me well, at the usual place.',
	head => ['MIME-Version' => '1.0', 'Content-Type' => 'text/plain; charset=utf-8; format=flowed',
		Subject => 'Re: meeting'],
	body => "Yes, tomorrow at ten suits me well, \nat the usual place.\n\nOn Mon, 23 Nov 2026 at 10:01, Bob <bob\@example.net> wrote:\n"
		. "> Shall we meet tomorrow?\n> At ten?\n\n-- \nAna\n+1 555 0100\n";

text_is 'end tag and expressions of the configuration', 'disk full on db1.', head => [@plain],
	body => "Ticket #4711: disk full on db1.\n(c) Example Inc.\n[end of sms]\nfor mail readers only\n";

# -- what cannot be an SMS
refused('an empty mail without a subject', qr/^550 5\.6\.0 .*no text/, head => [Subject => ''], body => '');
refused('nothing but white space', qr/^550 5\.6\.0 .*no text/, head => [@plain, Subject => ' '], body => "\n \n\t\n");
refused('over the limit', qr/^552 5\.2\.3 .*4 segments, at most 3/, head => [@plain], body => 'a' x 460);
refused('over its own limit', qr/^552 5\.2\.3 .*2 segments, at most 1/, head => [@plain,
	'X-Tandem-Max-Segments' => 1], body => 'a' x 161);

# -- segments: no grapheme is split. 134 units would be 2 segments; the family does not fit behind the 60 letters.
my $family = "\x{1F468}\x{200D}\x{1F469}\x{200D}\x{1F467}\x{200D}\x{1F466}";
my $emoji = ('b' x 60) . $family . ('c' x 63);
my $sms = sms_of('a family at the border', head => ['X-Tandem-Text' => words($emoji)]);
is $sms->{text}, $emoji, 'a family at the border: its text';
is_deeply [@{$sms}{qw(encoding segments)}], ['ucs2', 3], 'a family at the border: 3 segments';
is +($box->tandem_json('segments', encode('UTF-8', $emoji)))[0]{segments}, 3, 'tandem segments says so before';

# -- templates
sub person
{
	my ($email, $number, @attributes) = @_;
	$box->tandem('person', 'link', $email, $number);
	$box->tandem('person', 'set', $email, map { encode('UTF-8', $_) } @attributes) if @attributes;
	$box->tandem('consent', 'in', $number, '--channel', 'sms', '--basis', 'provided');
}
my ($ana, $laila) = (number(), number());
person('ana@example.net', $ana, 'name=Ana', 'locale=en', 'tz=America/New_York');
person('laila@example.net', $laila, 'name=ليلى', 'locale=ar', 'tz=Africa/Cairo');
my @invoice = ('X-Tandem-SMS' => 'yes', 'X-Tandem-Category' => 'invoice', 'X-Tandem-Var' => 'total=1234.5',
	'X-Tandem-Var' => 'due=2026-11-29T23:30:00Z');
like $box->mail(to => ['ana@example.net', 'laila@example.net'], head => [@invoice, Subject => 'Invoice'],
	body => "see attachment\n"), qr/^250 /,
	'one mail, two persons: accepted';
my $english = ($box->wait_sms(1, $ana))[0]{text};
my $other = ($box->wait_sms(1, $laila))[0]{text};
is $english, "Hello Ana, \x{20AC}1,234.50 is due on November 29, 2026 at 6:30 PM.", 'English for one, in New York';
like $other, qr/^مرحبا ليلى، المبلغ /, 'Arabic for the other';
like $other, qr/(?:30|٣٠) نوفمبر/, 'where it is the 30th already';
like $other, qr/\x{20AC}/, 'in euros';
is scalar(() = $box->wait_mails(2, qr/^Subject: Invoice\r?$/m)), 2, 'the mail went to both';

text_is 'a zone and a language of the mail', "Hello there, \x{20AC}1.00 is due on November 30, 2026 at 8:30 AM.",
	head => ['X-Tandem-Template' => 'invoice', 'X-Tandem-TZ' => 'Asia/Tokyo', 'X-Tandem-Locale' => 'en',
		@invoice[6 .. 7], 'X-Tandem-Var' => 'total=1'];
my @parcel = ('X-Tandem-Template' => 'parcel');
text_is 'values are one line', "Ana Evil: your parcel\nis in Cairo.",
	head => [@parcel, 'X-Tandem-Var' => 'name==?utf-8?q?Ana=0D=0AEvil?=', 'X-Tandem-Var' => 'where=Cairo'];
text_is 'an address where one may stand', "Ana: your parcel\nis in Cairo. https://shop.example/p/1",
	head => [@parcel, 'X-Tandem-Var' => 'name=Ana', 'X-Tandem-Var' => 'where=Cairo',
		'X-Tandem-Var' => 'url=https://shop.example/p/1'];
refused('an address where none may stand', qr/^550 5\.6\.0 .*parcel:\d+: .*where/,
	head => [@parcel, 'X-Tandem-Var' => 'name=Ana', 'X-Tandem-Var' => 'where=https://evil.example/']);
refused('a variable that nobody gave', qr/^550 5\.6\.0 .*parcel:5: undefined variable where/, head => [@parcel,
	'X-Tandem-Var' => 'name=Ana']);
refused('a value that is no date', qr/^550 5\.6\.0 .*invoice:\d+: .*due/, head => ['X-Tandem-Template' => 'invoice',
	'X-Tandem-Var' => 'total=1',
	'X-Tandem-Var' => 'due=tomorrow']);
refused('no such template', qr/^550 5\.6\.0 .*nonesuch/, head => ['X-Tandem-Template' => 'nonesuch']);

# What was true when the mail came is what is sent, whenever that is.
like $box->mail(to => 'ana@example.net', head => [@parcel, 'X-Tandem-SMS' => 'yes', 'X-Tandem-Var' => 'where=Cairo',
	'X-Tandem-Delay' => '2h']), qr/^250 /,
	'held for two hours: accepted';
my ($held) = @{ $box->wait_for(sub { my @jobs = grep { $_->{state} eq 'HELD' } $box->tandem_json('jobs', '--to',
	$ana); @jobs && \@jobs }) || [] };
$box->tandem('person', 'set', 'ana@example.net', 'name=Bob', 'locale=ar');
$box->tandem('job', 'retry', $held->{id});
is +($box->wait_sms(2, $ana))[1]{text}, "Ana: your parcel\nis in Cairo.",
	'attributes changed meanwhile do not change the text';

# -- numbers
like $box->mail(to => "+19005551234\@$domain", head => ['X-Tandem-Text' => 'x']), qr/^550 5\.7\.1 .*premium/,
	'a premium number, at RCPT';

# -- what the operator sees before he sends
my ($status, $out) = $box->tandem('template', 'check');
is $status, 0, 'template check' or diag $out;
my ($preview) = $box->tandem_json('template', 'preview', 'parcel', 'name=Ana', 'where=Giza');
is $preview->{text}, "Ana: your parcel\nis in Giza. https://shop.example/p",
	'template preview: what is given, then the samples';
is +($box->tandem('template', 'preview', 'parcel', '--no-sample'))[0], 1, 'template preview --no-sample: exit 1';
is_deeply [map { @{$_}{qw(locales categories)} } grep { $_->{name} eq 'invoice' } $box->tandem_json('template',
	'list')],
	[['ar', 'en', ''], ['invoice']], 'template list: locales and categories';

# -- hostile mails, one at a time and many at once
sub memory
{
	my ($key) = @_;
	my ($pid) = map { /^milter (\d+)/ ? $1 : () } split /\n/, `$FindBin::Bin/../../scripts/sandbox status $box->{dir}`;
	return Sandbox::slurp("/proc/$pid/status") =~ /^$key:\s*(\d+) kB/m ? $1 * 1024 : die "$key of milter $pid?";
}
my $deep = "--b0\n";
$deep .= "Content-Type: multipart/mixed; boundary=b$_\n\n--b$_\n" for 1 .. 1000;
$deep .= "Content-Type: text/plain\n\ntoo deep to be found\n";
$deep .= "--b$_--\n" for reverse 0 .. 1000;
my %deep = (head => ['MIME-Version' => '1.0', 'Content-Type' => 'multipart/mixed; boundary=b0',
	Subject => 'What is left'], body => $deep);
my $line = encode_base64('word ' x (7 << 18), '') . "\n";
my %line = (head => ['MIME-Version' => '1.0', 'Content-Type' => 'text/plain',
	'Content-Transfer-Encoding' => 'base64'], body => $line);
cmp_ok length $line, '>', 10_000_000, 'a line of over 10 MB';
my $before = memory('VmRSS');
text_is 'multiparts 1,000 deep', 'What is left', %deep;
refused('a base64 line of 10 MB', qr/^552 5\.2\.3 /, %line);
# A mail holds what is kept of its body (milter.max_text_source, 1 MiB), and a few times that while it is decoded.
text_is '100,000 parts', 'the first', head => ['MIME-Version' => '1.0',
	'Content-Type' => 'multipart/mixed; boundary=b', Subject => 'x'],
	body => "--b\n\nthe first\n" . "--b\n\n\n" x 100_000 . "--b--\n";
text_is 'elements 100,000 deep', 'seen', head => ['MIME-Version' => '1.0', 'Content-Type' => 'text/html',
	Subject => 'x'],
	body => "<p>seen</p>\n" . "<div>" x 100_000;
# as a browser reads it: the first > ends the DOCTYPE, what follows are comments, and an entity that HTML has not is text
text_is 'entities of entities', "]>\nseen &a20;", head => ['MIME-Version' => '1.0', 'Content-Type' => 'text/html',
	Subject => 'x'],
	body => "<!DOCTYPE html [<!ENTITY a0 'bomb'>" . join('',
		map { "<!ENTITY a$_ '" . ('&a' . ($_ - 1) . ';') x 10 . "'>" } 1 .. 20) . "]>\n<p>seen &a20;</p>\n";
refused('a line of 20 MB', qr/^552 5\.2\.3 /, head => [@plain], body => 'x' x 20_000_000);
text_is 'a charset that lies, and bytes that are none', "Gr\x{FC}\x{DF}e", head => [@plain,
	'Content-Transfer-Encoding' => 'quoted-printable'],
	body => "Gr=FC=DFe=00\n";
my $after = memory('VmRSS') - $before;
cmp_ok $after, '<', 12e6 + 4 * (1 << 20), 'memory afterwards';

sub at_once
{
	my ($count, $re, $what, %mail) = @_;
	my @open = map { $box->smtp } 1 .. $count;
	my @to = map { number() } @open;
	for my $i (0 .. $#open) {
		$open[$i]->say('MAIL FROM:<shop@example.com>');
		$open[$i]->say("RCPT TO:<$to[$i]\@$domain>");
		$open[$i]->say('DATA');
		$open[$i]->raw($open[$i]->message(%mail));
	}
	$_->raw(".\r\n") for @open;
	is scalar(grep { $_->reply =~ $re } @open), $count, $what;
	$_->quit for @open;
}
at_once(50, qr/^250 /, '50 deep ones at once are answered', %deep);
at_once(50, qr/^552 5\.2\.3 /, '50 of 2 MB at once are answered', %line, body => substr($line, 0, 2 << 20) . "\n");
my $rows = '<table>' . '<tr><td>Shoes</td><td>49.90</td></tr>' x 25_000 . "</table>\n";
at_once(50, qr/^552 5\.2\.3 /, '50 tables of 25,000 rows at once are answered', head => ['MIME-Version' => '1.0',
	'Content-Type' => 'text/html'],
	body => $rows =~ s/<tr>/\n<tr>/gr);
my $most = memory('VmHWM') - $before;
cmp_ok $most, '<', 12e6 + 50 * 4 * (1 << 20), 'memory of the milter at its most';
note sprintf 'the milter: %.1f MB at first, %.1f MB more after one of each, %.1f MB more at its most', $before / 1e6,
	$after / 1e6, $most / 1e6;
ok $box->wait_for(sub { (() = grep { $_->{text} eq 'What is left' } $box->sms) == 51 }),
	'and each deep one has become its SMS';

# -- nothing of all that is MIME source, a placeholder or empty
is scalar(grep { $_->{text} eq '' || $_->{text} =~ /Content-|boundary|\{\{|^--b/ } $box->sms), 0,
	'no SMS is empty, MIME source or a placeholder';
ok $box->wait_queue_empty, 'nothing is left in the queue';
$box->down;

# -- too long texts are cut where the configuration says so
$box = Sandbox->up(conf => 'text = { too_long = "truncate"; max_segments = 2; };');
my $hint = 'Reply STOP to opt out';
sub offer
{
	my ($what, $text) = @_;
	my $to = number();
	is +($box->tandem('consent', 'in', $to, '--channel', 'sms', '--category', 'offer', '--basis', 'express'))[0], 0,
		"$what: consent";
	return sms_of($what, number => $to, head => [@plain, 'Content-Transfer-Encoding' => '8bit',
		'X-Tandem-Category' => 'offer',
		'X-Tandem-Text' => words($text)]);
}
$sms = offer('a long offer', 'All shoes at half price. ' x 20);
like $sms->{text}, qr/^All shoes .*\w\.\.\. \Q$hint\E\z/, 'a long offer: cut, with the opt-out hint';
is_deeply [@{$sms}{qw(encoding segments)}], ['gsm7', 2], 'a long offer: two segments';
$sms = offer('a long offer in Unicode', "$family " x 20);
like $sms->{text}, qr/^(?:$family )*$family\x{2026} \Q$hint\E\z/, 'a long offer in Unicode: cut between graphemes';
is_deeply [@{$sms}{qw(encoding segments)}], ['ucs2', 2], 'a long offer in Unicode: two segments';
$sms = offer('a long offer in Arabic', 'كل الأحذية بنصف السعر حتى الجمعة. ' x 8);
like $sms->{text}, qr/^كل الأحذية .*\S\x{2026} \Q$hint\E\z/, 'a long offer in Arabic: cut, with the opt-out hint';
is_deeply [@{$sms}{qw(encoding segments)}], ['ucs2', 2], 'a long offer in Arabic: two segments';

done_testing;
