#!/usr/bin/perl
# The same by LMTP: tagged and direct mail, tandem-smsd killed with mail under way, mail that did not pass the milter, DSN.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Sandbox;
use Test::More;

my $box = Sandbox->up(transport => 'lmtp');
my $domain = $box->env('SMS_DOMAIN');
my $queue = $box->env('QUEUE');

# -- tagged and direct
like $box->mail(head => ['X-Tandem-SMS' => '+15558000001,+15558000002', 'X-Tandem-Text' => 'tagged', Subject => 'tagged']), qr/^250 /, 'tagged: accepted';
is scalar(@{ [$box->wait_sms(1, "+1555800000$_")] }), 1, "number $_ has its SMS" for 1, 2;
is scalar(@{ [$box->wait_mails(1, qr/^Subject: tagged\r?$/m)] }), 1, 'the mail arrives';
is $box->wait_for(sub { $box->deliveries(qr/2\.0\.0 accepted as job \S+ \(\+1 more\)/) }), 1, 'one delivery, in words Postfix logs';
like $box->mail(to => "+15558000003\@$domain", body => "direct\n"), qr/^250 /, 'direct: accepted';
is +($box->wait_sms(1, '+15558000003'))[0]{text}, 'direct', 'its SMS';

# -- who hears of it
like $box->mail(to => "+15558000004\@$domain", from => 'dsn@example.net', body => "told\n", rcpt_args => 'NOTIFY=SUCCESS,FAILURE', mail_args => 'ENVID=e42'),
	qr/^250 /, 'NOTIFY=SUCCESS: accepted';
is scalar(@{ [$box->wait_mails(1, qr/^Original-Envelope-Id: e42\r?$/m, qr/^Action: relayed\r?$/m)] }), 1, 'one report, by Tandem alone';

# -- tandem-smsd is killed again and again while mail comes in
my $mails = 40;
for my $n (1 .. $mails) {
	my $reply = $box->mail(head => ['X-Tandem-SMS' => sprintf('+155581%05d', $n), 'X-Tandem-Text' => "round $n", Subject => "round $n"]);
	fail "mail $n: $reply" if $reply !~ /^250 /;
	if ($n % 10 == 0) {
		$box->kill('smsd');
		$box->start('smsd');
	}
}
$box->kill('smsd');
like $box->mail(head => ['X-Tandem-SMS' => '+15558200001', 'X-Tandem-Text' => 'while away', Subject => 'away']), qr/^250 /, 'accepted without tandem-smsd';
ok $box->wait_for(sub { $box->log_text =~ /to=<t-\S+>.*relay=none.*dsn=4\.\S+, status=deferred/ }), 'its token is deferred, not bounced';
$box->start('smsd');
is +($box->wait_sms(1, '+15558200001'))[0]{text}, 'while away', 'and goes when tandem-smsd is back';
ok $box->wait_queue_empty, 'nothing is left in the queue';
$box->wait_for(sub { (grep { $_->{text} =~ /^round / } $box->sms) >= $mails });
my %count;
$count{ $_->{to} }++ for grep { $_->{text} =~ /^round / } $box->sms;
is scalar(keys %count), $mails, 'none of them is lost';
is scalar(grep { $_ > 1 } values %count), 0, 'none is sent twice';

# -- a mail that did not pass the milter
system('postconf', '-c', $queue, '-e', 'smtpd_milters=');
system('postfix', '-c', $queue, 'reload');
sleep 2;
like $box->mail(to => "+15558300001\@$domain", from => 'stray@example.net', body => "unprepared\n"), qr/^250 /, 'past the milter: Postfix takes it';
ok $box->wait_for(sub { $box->log_text =~ /to=<\+15558300001\@\S+>.*dsn=5\.7\.1, status=bounced \(.*must pass tandem-milter/ }), 'refused 5.7.1';
is scalar(() = $box->sms_to('+15558300001')), 0, 'no SMS';

done_testing;
