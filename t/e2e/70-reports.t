#!/usr/bin/perl
# Who asked to hear of a failure hears; expiry; Dry-Run; Notify; the fates of a provider that fails.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Sandbox;
use Test::More;

my $box = Sandbox->up(conf => 'retry = { temporary = "1s, 1s, 1s"; throttled = "1s"; };');
my $domain = $box->env('SMS_DOMAIN');
my $conf = Sandbox::slurp($box->env('CONF'));
$conf =~ s/plugin = "file";/plugin = "file"; fail = ["+15558000001=permanent-number", "+15558000002=permanent-other", "+15558000003=temporary", "+15558000004=permanent-number"];/;
{
	open my $fh, '>', $box->env('CONF') or die $!;
	print $fh $conf;
	close $fh;
}
my ($smsd) = map { (split)[1] } grep { /^smsd/ } qx($FindBin::Bin/../../scripts/sandbox status $box->{dir});
kill 'HUP', $smsd;
ok $box->wait_for(sub { $box->log_text =~ /tandem-smsd\[\d+\]: configuration \S+ loaded/ }), 'smsd reloads';

# -- a direct SMS that fails: its sender hears
like $box->mail(from => 'boss@example.com', to => "+15558000001\@$domain", body => "Meet at nine\n"), qr/^250 /, 'direct: accepted';
my ($report) = $box->wait_mails(1, qr/^X-Original-To: boss\@example\.com\r?$/m);
ok $report, 'a report comes back' or $box->show_logs;
$report //= '';
like $report, qr{^Content-Type: multipart/report;[^\n]*\n?[^\n]*report-type=("?)delivery-status\1}mi, 'RFC 3464';
like $report, qr/^Action: failed\r?$/m, 'Action: failed';
like $report, qr/^Status: 5\.\d+\.\d+/m, 'a status code';
like $report, qr/\+15558000001/, 'names the number';
like $report, qr/^Auto-Submitted: auto-replied\r?$/mi, 'Auto-Submitted';
like $report, qr/^Return-Path: <(MAILER-DAEMON)?>|^Return-Path: <>/mi, 'null sender';
unlike $report, qr/^X-Tandem/mi, 'no header of ours is left';

# -- NOTIFY=NEVER: nobody hears
like $box->mail(from => 'never@example.com', to => "+15558000002\@$domain", rcpt_args => 'NOTIFY=NEVER', body => "x\n"), qr/^250 /, 'NOTIFY=NEVER: accepted';
ok $box->wait_for(sub { my ($j) = $box->tandem_json('jobs', '--to', '+15558000002'); $j && $j->{state} eq 'FAILED' }), 'it fails';

# -- denied at the end of data only, while the mail goes on for somebody else: a report, as no reply could say it
$box->tandem('consent', 'out', '+15558000005', '--channel', 'sms', '--category', 'order-confirmation');
like $box->mail(from => 'mixed@example.com', to => ["+15558000005\@$domain", 'ana@example.net'], head => ['X-Tandem-Category' => 'order-confirmation',
	'X-Tandem-Text' => 'x', Subject => 'mixed']), qr/^250 /, 'one denied of two: accepted';
is scalar(@{ [$box->wait_mails(1, qr/^Subject: mixed\r?$/m, qr/^X-Original-To: ana\@example\.net/m)] }), 1, 'the mail goes';
is scalar(@{ [$box->wait_mails(1, qr/^X-Original-To: mixed\@example\.com\r?$/m, qr/Action: failed/)] }), 1, 'the sender of the SMS hears';
is scalar(() = $box->sms_to('+15558000005')), 0, 'no SMS';
like $box->mail(from => 'alone@example.com', to => "+15558000005\@$domain", head => ['X-Tandem-Category' => 'order-confirmation', 'X-Tandem-Text' => 'x']),
	qr/^550 5\.7\.1 \+1555\*\*\*0005 opted out of order-confirmation/, 'denied for all: the session says so';

# -- a companion: only when asked
like $box->mail(from => 'quiet@example.com', head => ['X-Tandem-SMS' => '+15558000001', 'X-Tandem-Text' => 'x']), qr/^250 /, 'companion';
like $box->mail(from => 'asking@example.com', head => ['X-Tandem-SMS' => '+15558000004', 'X-Tandem-Text' => 'x', 'X-Tandem-Notify' => 'failure']), qr/^250 /, 'companion with Notify';
is scalar(@{ [$box->wait_mails(1, qr/^X-Original-To: asking\@example\.com\r?$/m, qr/Action: failed/)] }), 1, 'who asked hears';
is scalar(() = $box->mails(qr/^X-Original-To: (?:quiet|never|alone)\@example\.com\r?$/m)), 0, 'nobody else does';

# -- success asked for: relayed, then delivered
like $box->mail(from => 'happy@example.com', to => "+15558000011\@$domain", rcpt_args => 'NOTIFY=SUCCESS', mail_args => 'ENVID=QQ314159', body => "x\n"), qr/^250 /, 'NOTIFY=SUCCESS';
my ($relayed) = $box->wait_mails(1, qr/^X-Original-To: happy\@example\.com\r?$/m, qr/^Action: relayed\r?$/m);
ok $relayed, 'a report: relayed';
like $relayed // '', qr/^Original-Envelope-Id: QQ314159\r?$/m, 'with ENVID';

# -- a temporary failure is tried again, and expiry ends it
like $box->mail(from => 'tries@example.com', to => "+15558000003\@$domain", head => ['X-Tandem-Expires' => '4s'], body => "x\n"), qr/^250 /, 'temporary failure';
my $job = $box->wait_for(sub { my ($j) = $box->tandem_json('jobs', '--to', '+15558000003'); $j && $j->{state} eq 'FAILED' ? $j : undef });
is $job && $job->{reason}, 'expired', 'expires in the end';
is scalar(@{ [$box->wait_mails(1, qr/^X-Original-To: tries\@example\.com\r?$/m)] }), 1, 'and its sender hears once';

# -- Dry-Run: decided, logged, nothing goes
like $box->mail(head => ['X-Tandem-SMS' => '+15558000021', 'X-Tandem-Text' => 'x', 'X-Tandem-Dry-Run' => 'yes', Subject => 'dry']), qr/^250 /, 'Dry-Run: 250';
ok $box->wait_for(sub { $box->log_text =~ /dry.run/i }), 'logged';
ok $box->wait_queue_empty, 'queue empty';
is scalar(() = $box->sms_to('+15558000021')), 0, 'no SMS';
is scalar(() = $box->mails(qr/^Subject: dry\r?$/m)), 0, 'no mail';

# -- cancel by key
like $box->mail(head => ['X-Tandem-SMS' => '+15558000031', 'X-Tandem-Text' => 'x', 'X-Tandem-Key' => 'cart-9', 'X-Tandem-Delay' => '1h']), qr/^250 /, 'held under a key';
$box->wait_for(sub { ($box->tandem_json('jobs', '--to', '+15558000031', '--state', 'HELD'))[0] });
like $box->mail(head => ['X-Tandem-Cancel' => 'cart-9', Subject => 'cancels']), qr/^250 /, 'X-Tandem-Cancel';
ok $box->wait_for(sub { my ($j) = $box->tandem_json('jobs', '--to', '+15558000031'); $j && $j->{state} eq 'CANCELLED' }), 'is cancelled';

# -- from the shell
my ($status, $out) = $box->tandem('send', '+15558000041', 'from the shell', '--wait', '20');
is $status, 0, 'tandem send --wait';
like $out, qr/ACCEPTED/, 'accepted';
is +($box->wait_sms(1, '+15558000041'))[0]{text}, 'from the shell', 'its text';
($status) = $box->tandem('send', '+15558000001', 'fails', '--wait', '20');
is $status, 1, 'a failure is exit 1';

done_testing;
