#!/usr/bin/perl
# The queue is the commit point and one key is one SMS: duplicate submission, refused after our agreement and sent again.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Sandbox;
use Test::More;

my $box = Sandbox->up;
my $domain = $box->env('SMS_DOMAIN');
my $queue = $box->env('QUEUE');

# -- the same mail twice: the Message-ID is the key
for my $n (1, 2) {
	like $box->mail(head => ['Message-ID' => '<same@shop>', 'X-Tandem-SMS' => '+15556000001', 'X-Tandem-Text' => 'once', Subject => 'twice']), qr/^250 /,
		"submission $n: accepted";
}
is scalar(@{ [$box->wait_mails(2, qr/^Subject: twice\r?$/m)] }), 2, 'both mails pass';
ok $box->wait_queue_empty, 'both tokens are answered';
is scalar(@{ [$box->wait_sms(1, '+15556000001')] }), 1, 'one SMS';
ok scalar(grep { $_->{verdict} eq 'DUPLICATE' } $box->tandem_json('why', '<same@shop>')) ||
	scalar(grep { $_->{state} eq 'DUPLICATE' } $box->tandem_json('jobs', '--to', '+15556000001')), 'the second is on record as a duplicate';

# -- an explicit key, two mails
like $box->mail(head => ['X-Tandem-Key' => 'order-7', 'X-Tandem-SMS' => '+15556000002', 'X-Tandem-Text' => 'keyed']), qr/^250 /, 'a key';
is scalar(@{ [$box->wait_sms(1, '+15556000002')] }), 1, 'its SMS';
like $box->mail(head => ['X-Tandem-Key' => 'order-7', 'X-Tandem-SMS' => '+15556000002', 'X-Tandem-Text' => 'keyed']), qr/^250 /, 'the key again';
like $box->mail(head => ['X-Tandem-Key' => 'order-7', 'X-Tandem-SMS' => '+15556000002', 'X-Tandem-Text' => 'other']), qr/^550 5\.7\.0 .*order-7/,
	'the key with other content: refused 5.7.0';
like $box->mail(head => ['X-Tandem-Key' => 'order-7', 'X-Tandem-SMS' => '+15556000003', 'X-Tandem-Text' => 'keyed']), qr/^250 /, 'the key for another number';
is scalar(@{ [$box->wait_sms(1, '+15556000003')] }), 1, 'is another SMS';

# -- a re-used Message-ID with other content is a new message
like $box->mail(head => ['Message-ID' => '<same@shop>', 'X-Tandem-SMS' => '+15556000001', 'X-Tandem-Text' => 'different']), qr/^250 /, 'Message-ID re-used';
is scalar(@{ [$box->wait_sms(2, '+15556000001')] }), 2, 'a new SMS';
ok $box->wait_queue_empty, 'queue empty';
is scalar(() = $box->sms_to('+15556000002')), 1, 'and still one SMS for the key';

# -- two clients with one key at once
my @pids;
for my $n (1 .. 8) {
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		my $r = eval { $box->mail(head => ['X-Tandem-Key' => 'race', 'X-Tandem-SMS' => '+15556000004', 'X-Tandem-Text' => 'race']) } // '';
		require POSIX;
		POSIX::_exit($r =~ /^250/ ? 0 : 1);
	}
	push @pids, $pid;
}
my $ok = 0;
for (@pids) { waitpid $_, 0; $ok++ if $? == 0 }
is $ok, 8, 'eight clients at once: all accepted';
ok $box->wait_queue_empty, 'all tokens answered';
is scalar(@{ [$box->wait_sms(1, '+15556000004')] }), 1, 'one SMS';

# -- refused by another milter after ours agreed, sent again: its SMS must still go
my $port = 0;
{
	my $probe = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 1) or die $!;
	$port = $probe->sockport;
}
my $milter_pid = open my $out, '-|', "$FindBin::Bin/../lib/reject-once", $port, 1 or die "reject-once: $!";
like scalar(<$out>), qr/ready/, 'a second milter';
my $ours = qx(postconf -c $queue -h smtpd_milters);
chomp $ours;
system('postconf', '-c', $queue, '-e', "smtpd_milters=$ours, inet:127.0.0.1:$port");
system('postfix', '-c', $queue, 'reload');
sleep 2;
my @again = (head => ['Message-ID' => '<again@shop>', 'X-Tandem-SMS' => '+15556000005', 'X-Tandem-Text' => 'at last', Subject => 'again']);
like $box->mail(@again), qr/^451 4\.7\.1 not yet/, 'refused after our agreement';
like +($box->tandem_json('jobs', '--to', '+15556000005'))[0]{state}, qr/PREPARED/, 'the job is prepared and no more';
is scalar(() = $box->sms_to('+15556000005')), 0, 'no SMS';
like $box->mail(@again), qr/^250 /, 'sent again: accepted';
is +($box->wait_sms(1, '+15556000005'))[0]{text}, 'at last', 'its SMS goes';
is scalar(@{ [$box->wait_mails(1, qr/^Subject: again\r?$/m)] }), 1, 'its mail too';
kill 'TERM', $milter_pid;
system('postconf', '-c', $queue, '-e', "smtpd_milters=$ours");
system('postfix', '-c', $queue, 'reload');
sleep 2;

# -- held, then deleted in the queue: no SMS
system('postconf', '-c', $queue, '-e', 'defer_transports=sms');
system('postfix', '-c', $queue, 'reload');
sleep 2;
like $box->mail(head => ['X-Tandem-SMS' => '+15556000006', 'X-Tandem-Text' => 'deleted', Subject => 'deleted']), qr/^250 /, 'accepted, tokens deferred';
$box->wait_mails(1, qr/^Subject: deleted\r?$/m);
system("postsuper -c $queue -d ALL >/dev/null 2>&1");
system('postconf', '-c', $queue, '-e', 'defer_transports=');
system('postfix', '-c', $queue, 'reload');
sleep 2;
ok $box->wait_queue_empty, 'deleted from the queue';
is scalar(() = $box->sms_to('+15556000006')), 0, 'no SMS: the queue is the commit point';

done_testing;
