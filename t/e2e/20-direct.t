#!/usr/bin/perl
# A mail to NUMBER@sms.example.com becomes an SMS; every refusal has its code, its stage and its reason.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Sandbox;
use Test::More;
binmode(Test::More->builder->$_, ':utf8') for qw(output failure_output);

my $box = Sandbox->up(conf => qq(aliases = ( { name = "oncall"; number = "+15553000009"; } );\n));
my $domain = $box->env('SMS_DOMAIN');

sub arrives
{
	my ($to, $number, $what, %mail) = @_;
	like $box->mail(to => "$to\@$domain", body => "Text for $what.\n", %mail), qr/^250 /, "$what: accepted";
	my @sms = $box->wait_sms(1, $number);
	is scalar @sms, 1, "$what: one SMS" or $box->show_logs;
	is +($sms[0] || {})->{text}, "Text for $what.", "$what: its text";
}

arrives('+15553000001', '+15553000001', 'E.164');
arrives('0015553000002', '+15553000002', 'double zero');
arrives('5553000003', '+15553000003', 'national form');
arrives('"+1 (555) 300-0004"', '+15553000004', 'punctuation');
arrives('oncall', '+15553000009', 'an alias');
$box->tandem('person', 'link', 'dan@example.net', '+15553000005');
$box->tandem('consent', 'in', '+15553000005', '--channel', 'sms', '--basis', 'provided');
arrives('dan=example.net', '+15553000005', 'an address with = for @');

# -- which text
like $box->mail(to => "+15553000011\@$domain", head => ['X-Tandem-Text' => 'literal wins'], body => "body\n"), qr/^250 /, 'literal: accepted';
is +($box->wait_sms(1, '+15553000011'))[0]{text}, 'literal wins', 'X-Tandem-Text before the body';
like $box->mail(to => "+15553000012\@$domain", head => [Subject => 'Only a subject'], body => "\n"), qr/^250 /, 'subject only: accepted';
is +($box->wait_sms(1, '+15553000012'))[0]{text}, 'Only a subject', 'the subject when there is nothing else';
like $box->mail(to => "+15553000013\@$domain", head => ['MIME-Version' => '1.0', 'Content-Type' => 'text/plain; charset=utf-8',
	'Content-Transfer-Encoding' => 'base64'], body => "2YXYsdit2KjYpyDYqNmD\n"), qr/^250 /, 'base64: accepted';
is +($box->wait_sms(1, '+15553000013'))[0]{text}, 'مرحبا بك', 'decoded';
unlike join("\n", map { $_->{text} } $box->sms), qr/base64|Content-Type/i, 'never MIME source';

# -- refusals at RCPT
sub refused
{
	my ($to, $re, $what, %mail) = @_;
	like $box->mail(to => $to, head => ['X-Tandem-Text' => 'x'], %mail), $re, $what;
}
refused("123\@$domain", qr/^550 5\.1\.3 .*"123": not a phone number \(want \+COUNTRY NUMBER\)/, 'no number');
refused("hello\@$domain", qr/^550 5\.1\.[13] .*hello/, 'not a number at all');
refused("+4915112345678\@$domain", qr/^550 5\.7\.1 .*(?:DE|country)/, 'a country not allowed');
refused("+8821612345678\@$domain", qr/^550 5\.7\.1 /, 'a satellite number');
refused("nobody=example.net\@$domain", qr/^550 5\.1\.1 /, 'no number on file');
refused("+15553000020\@$domain", qr/^550 5\.7\.1 /, 'the null sender', from => '');
refused('t-abcdefghijklmnopqrstuvwxyz234567@' . $box->env('TOKEN_DOMAIN'), qr/^554 5\.7\.1 /, 'the token domain');
refused("+15553000020\@$domain", qr/^550 5\.7\.1 /, 'a client that is no submitter', listener => 'SMTP_UNTRUSTED');
$box->tandem('consent', 'out', '+15553000021', '--channel', 'sms', '--reach', 'all', '--source', 'keyword',
	'--evidence', '{"method":"sms","at":"2026-11-02T10:00:00Z","ref":"STOP"}');
refused("+15553000021\@$domain", qr/^550 5\.7\.1 \+1555\*\*\*0021 opted out of SMS on \d{4}-\d\d-\d\d/, 'an opted-out number');

# -- refusals at the end of data
refused("+15553000022\@$domain", qr/^550 5\.7\.1 /, 'auto-replied', head => ['Auto-Submitted' => 'auto-replied'], body => "I am away\n");
refused("+15553000022\@$domain", qr/^550 5\.6\.0 /, 'no text', head => [Subject => ''], body => '');
refused("+15553000022\@$domain", qr/^552 5\.2\.3 .*7 segments, at most 3/, 'too long', head => [], body => 'word ' x 200);
refused("+15553000022\@$domain", qr/^550 5\.6\.0 X-Tandem-Send-At: not a date: "tomorrow"/, 'a bad date', head => ['X-Tandem-Send-At' => 'tomorrow',
	'X-Tandem-Text' => 'x']);
refused("+15553000022\@$domain", qr/^550 5\.6\.0 X-Tandem-Class/, 'an unknown class', head => ['X-Tandem-Class' => 'urgent', 'X-Tandem-Text' => 'x']);
refused("+15553000022\@$domain", qr/^550 5\.6\.0 X-Tandem-Category/, 'an unknown category', head => ['X-Tandem-Category' => 'nonesuch', 'X-Tandem-Text' => 'x']);
refused("+15553000022\@$domain", qr/^550 5\.6\.0 .*order/, 'an undefined variable', head => ['X-Tandem-Template' => 'order-confirmation']);
refused("+15553000022\@$domain", qr/^550 5\.6\.0 /, 'over 64 headers of ours', head => ['X-Tandem-Text' => 'x', map { ('X-Tandem-Var' => "v$_=1") } 1 .. 70]);
refused("+15553000022\@$domain", qr/^550 5\.7\.1 /, 'marketing without consent', head => ['X-Tandem-Category' => 'offer', 'X-Tandem-Text' => 'Buy!']);

# -- one bad recipient among good ones
my $smtp = $box->smtp;
like $smtp->mail(to => ["+15553000031\@$domain", "12\@$domain", 'eve@example.net'], all_rcpt => 1, head => ['X-Tandem-Text' => 'mixed']), qr/^250 /,
	'a bad number stops nobody else';
like $smtp->{rcpt}[1], qr/^550 5\.1\.3 /, 'its own reply';
$smtp->quit;
is scalar(@{ [$box->wait_sms(1, '+15553000031')] }), 1, 'the good number has its SMS';
is scalar(() = $box->sms_to('+15553000022')), 0, 'nothing went to the number of the refusals';
is scalar(() = $box->sms_to('+15553000021')), 0, 'nothing went to the opted-out number';
ok $box->wait_queue_empty, 'nothing is left in the queue';

done_testing;
