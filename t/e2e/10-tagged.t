#!/usr/bin/perl
# A tagged mail becomes an SMS: literal text, templates, English and Arabic, several numbers, the number on file.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Sandbox;
use Test::More;
binmode(Test::More->builder->$_, ':utf8') for qw(output failure_output);

my $box = Sandbox->up;

sub only_sms_to
{
	my ($number, $what) = @_;
	my @sms = $box->wait_sms(1, $number);
	is scalar @sms, 1, "$what: one SMS" or $box->show_logs;
	return $sms[0] || {};
}

# -- literal text
like $box->mail(head => ['X-Tandem-SMS' => '+15552000001', 'X-Tandem-Text' => 'Your parcel is on its way.', Subject => 'literal']),
	qr/^250 /, 'literal text: accepted';
my $sms = only_sms_to('+15552000001', 'literal text');
is $sms->{text}, 'Your parcel is on its way.', 'the text, literally';
is $sms->{from}, '+15550001111', 'from the provider\'s number';
is $sms->{encoding}, 'gsm7', 'encoding';
is $sms->{segments}, 1, 'segments';
is $sms->{class}, 'transactional', 'class by default';
like $sms->{job}, qr/^[0-9A-HJKMNP-TV-Z]{26}$/i, 'a job id';
ok $sms->{reference}, 'a reference';
like $sms->{at}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'a time';
my ($mail) = $box->wait_mails(1, qr/^Subject: literal\r?$/m);
ok $mail, 'the mail arrived too';
unlike $mail, qr/^X-Tandem/mi, 'without X-Tandem headers';
like $mail, qr/^X-Original-To: ana\@example\.net/m, 'to its recipient alone';
unlike $mail, qr/tandem\.invalid/, 'no trace of the token';

# -- a template, in English
like $box->mail(head => ['X-Tandem-SMS' => '+15552000002', 'X-Tandem-Category' => 'order-confirmation',
	'X-Tandem-Var' => 'name=Ana', 'X-Tandem-Var' => 'order=A-1001']), qr/^250 /, 'template: accepted';
$sms = only_sms_to('+15552000002', 'template');
like $sms->{text}, qr/A-1001/, 'the variable is in the text';
is $sms->{category}, 'order-confirmation', 'category';

# -- the same in Arabic
like $box->mail(head => ['X-Tandem-SMS' => '+15552000003', 'X-Tandem-Category' => 'order-confirmation', 'X-Tandem-Locale' => 'ar',
	'X-Tandem-Var' => '=?utf-8?B?bmFtZT3YotmG2Kc=?=', 'X-Tandem-Var' => 'order=A-1002']), qr/^250 /, 'Arabic template: accepted';
$sms = only_sms_to('+15552000003', 'Arabic template');
like $sms->{text}, qr/\p{Arabic}{3}/, 'Arabic text';
like $sms->{text}, qr/A-1002/, 'with the variable';
is $sms->{encoding}, 'ucs2', 'UCS-2';
cmp_ok $sms->{segments}, '<=', 2, 'within two segments';

# -- Arabic literal, RFC 2047
like $box->mail(head => ['X-Tandem-SMS' => '+15552000004',
	'X-Tandem-Text' => '=?utf-8?B?' . '2YXYsdit2KjYpyDYqNmD' . '?=']), qr/^250 /, 'encoded word: accepted';
is only_sms_to('+15552000004', 'encoded word')->{text}, 'مرحبا بك', 'decoded';

# -- several numbers: one token, a job each
like $box->mail(head => ['X-Tandem-SMS' => '+15552000011, +15552000012,+1 (555) 200-0013', 'X-Tandem-Text' => 'three',
	Subject => 'several']), qr/^250 /, 'several numbers: accepted';
is only_sms_to("+1555200001$_", "number $_")->{text}, 'three', "number $_ has it" for 1 .. 3;
$box->wait_mails(1, qr/^Subject: several\r?$/m);
is $box->wait_for(sub { $box->deliveries(qr/2\.0\.0 accepted as job \S+ \(\+2 more\)/) }), 1, 'one delivery for all three';

# -- the number on file
is(($box->tandem('person', 'link', 'bob@example.net', '+15552000021'))[0], 0, 'person link');
is(($box->tandem('consent', 'in', '+15552000021', '--channel', 'sms', '--basis', 'provided'))[0], 0, 'consent in');
is(($box->tandem('person', 'set', 'bob@example.net', 'locale=ar', 'name=Bob'))[0], 0, 'person set');
like $box->mail(to => 'bob@example.net', head => ['X-Tandem-SMS' => 'yes', 'X-Tandem-Category' => 'order-confirmation',
	'X-Tandem-Var' => 'order=A-1003']), qr/^250 /, 'yes: accepted';
$sms = only_sms_to('+15552000021', 'the number on file');
like $sms->{text}, qr/\p{Arabic}{3}/, 'in the language of the person';

# -- no number on file: the mail passes, logged
like $box->mail(to => 'carol@example.net', head => ['X-Tandem-SMS' => 'yes', 'X-Tandem-Text' => 'x', Subject => 'no number']), qr/^250 /,
	'yes without a number: accepted';
is scalar(@{ [$box->wait_mails(1, qr/^Subject: no number\r?$/m)] }), 1, 'the mail passes';
ok $box->wait_for(sub { $box->log_text =~ /no-number/ }), 'logged no-number';

# -- "no" wins over everything
like $box->mail(head => ['X-Tandem-SMS' => 'no', 'X-Tandem-Text' => 'x', Subject => 'said no']), qr/^250 /, 'no: accepted';
is scalar(@{ [$box->wait_mails(1, qr/^Subject: said no\r?$/m)] }), 1, 'the mail passes';
unlike +($box->mails(qr/^Subject: said no\r?$/m))[0] // '', qr/^X-Tandem/mi, 'headers removed';

# -- later and too late
like $box->mail(head => ['X-Tandem-SMS' => '+15552000031', 'X-Tandem-Text' => 'late', 'X-Tandem-Expires' => 'Mon, 1 Jan 2024 10:00:00 +0000',
	Subject => 'expired']), qr/^250 /, 'Expires in the past: accepted';
is scalar(@{ [$box->wait_mails(1, qr/^Subject: expired\r?$/m)] }), 1, 'the mail passes';
ok $box->wait_for(sub { $box->log_text =~ /\bexpired\b/ }), 'logged expired';
like $box->mail(head => ['X-Tandem-SMS' => '+15552000032', 'X-Tandem-Text' => 'later', 'X-Tandem-Delay' => '2h', Subject => 'held']), qr/^250 /,
	'Delay: accepted';
my ($job) = @{ $box->wait_for(sub { my @j = $box->tandem_json('jobs', '--to', '+15552000032', '--state', 'HELD'); @j ? \@j : undef }) || [] };
is $job && $job->{state}, 'HELD', 'held';
is scalar(() = $box->sms_to('+15552000032')), 0, 'and not sent';
is scalar(() = $box->sms_to('+15552000031')), 0, 'nor is the one too late';

done_testing;
