#!/usr/bin/perl
# What the operator types, against a running system; and commit = "eom", where no token travels.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Sandbox;
use Test::More;

my $box = Sandbox->up(conf => 'milter = { commit = "eom"; };');
my ($email, $number) = ('zoe@example.net', '+15559900001');

# -- commit = "eom": activated at the end of data, no recipient added; the pair is linked, as the submitter may
like $box->mail(to => $email, head => ['X-Tandem-SMS' => $number, 'X-Tandem-Text' => 'at once', Subject => 'eom']), qr/^250 /, 'eom: accepted';
is +($box->wait_sms(1, $number))[0]{text}, 'at once', 'its SMS';
$box->wait_mails(1, qr/^Subject: eom\r?$/m);
unlike $box->log_text, qr/to=<t-/, 'no token in the queue';
my ($person) = $box->tandem_json('person', 'show', $email);
is_deeply [sort map { $_->{address} } @{ $person->{addresses} }], [$number, $email], 'person show: linked by the mail';
like $box->mail(to => $email, head => ['X-Tandem-SMS' => 'yes', 'X-Tandem-Text' => 'on file']), qr/^250 /, 'yes: the number on file';
is +($box->wait_sms(2, $number))[1]{text}, 'on file', 'is that number';

# -- status, configuration, providers, Postfix
my ($status) = $box->tandem_json('status');
is $status->{stored}{engine}, 'sqlite', 'status: the engine';
is $status->{stored}{jobs}{ACCEPTED}{transactional}, 2, 'status: jobs by state and class';
is +($box->tandem_json('config', 'show', '-n'))[0]{'milter.commit'}, 'eom', 'config show -n: what differs';
is +($box->tandem_json('provider', 'list'))[0]{circuit}, 'closed', 'provider list';
is +($box->tandem_json('provider', 'show', 'file'))[0]{plugin}, 'file', 'provider show';
is +($box->tandem('provider', 'show', 'nonesuch'))[0], 1, 'an unknown provider is exit 1';
my (undef, $lines) = $box->tandem('postfix');
like $lines, qr/^# smtpd_milters: is right already$/m, 'postfix: what is right is said so';
like $lines, qr/^# sms_destination_recipient_limit: is right already$/m, 'postfix: what is right, of sms as well';

# -- suppression, decide, why
is +($box->tandem('suppress', 'add', $number, '--kind', 'undeliverable', '--note', 'test'))[0], 0, 'suppress add';
my ($decision) = $box->tandem_json('decide', $number, '--channel', 'sms', '--class', 'transactional');
is_deeply [@{$decision}{qw(verdict reason)}], ['DENY', 'undeliverable'], 'decide: DENY undeliverable';
is scalar(@{ [$box->tandem_json('suppress', 'list', $number)] }), 1, 'suppress list';
is +($box->tandem('suppress', 'remove', $number, '--note', 'test'))[0], 0, 'suppress remove';
is +($box->tandem_json('decide', $number, '--channel', 'sms'))[0]{verdict}, 'SEND', 'decide: SEND again';

# -- hold, cancel, retry
my ($sent) = $box->tandem_json('send', $number, 'later', '--delay', '1h', '--key', 'k1');
is +($box->tandem_json('job', 'show', $sent->{id}))[0]{state}, 'HELD', 'send --delay: held';
is +($box->tandem_json('cancel', 'k1'))[0]{cancelled}, 1, 'cancel KEY';
is +($box->tandem_json('job', 'show', $sent->{id}))[0]{state}, 'CANCELLED', 'is cancelled';
is +($box->tandem('job', 'retry', $sent->{id}))[0], 0, 'job retry';
is +($box->wait_sms(3, $number))[2]{text}, 'later', 'goes after all';
is +($box->tandem('job', 'cancel', $sent->{id}))[0], 1, 'what was handed over cannot be cancelled: exit 1';

# -- unlink keeps both apart
is +($box->tandem('person', 'unlink', $number))[0], 0, 'person unlink';
like $box->mail(to => $email, head => ['X-Tandem-SMS' => 'yes', 'X-Tandem-Text' => 'gone', Subject => 'gone']), qr/^250 /, 'yes after it';
$box->wait_mails(1, qr/^Subject: gone\r?$/m);
ok $box->wait_for(sub { $box->log_text =~ /no-number/ }), 'no number on file any more';
is scalar(() = $box->sms_to($number)), 3, 'and no SMS';

done_testing;
