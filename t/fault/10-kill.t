#!/usr/bin/perl
# kill -9 of each program in the middle of 500 mails: no mail and no SMS is lost, none is doubled.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Sandbox;
use Test::More;
use Time::HiRes qw(sleep);

my $total = 500;
my $clients = 4;
my $box = Sandbox->up(conf => 'retry = { temporary = "1s, 1s, 2s, 5s"; };');

# One client's share, as an application with a queue of its own would: on 4xx or a lost connection it sends the same mail again.
sub client
{
	my ($series, $first, $step) = @_;
	for (my $i = $first; $i < $total; $i += $step) {
		my $number = sprintf '+1555%s%05d', $series, $i;
		for my $try (1 .. 200) {
			my $reply = eval {
				my $smtp = $box->smtp;
				my $r = $smtp->mail(to => "u$i\@example.net", head => ['Message-ID' => "<$series.$i\@shop>", 'X-Tandem-SMS' => $number,
					'X-Tandem-Text' => "message $i", Subject => "series $series mail $i"]);
				$smtp->quit if $r;
				$r;
			} // '';
			last if $reply =~ /^250/;
			return 1 if $reply =~ /^5/;
			sleep 0.2;
		}
	}
	return 0;
}

sub run_series
{
	my ($series, $program) = @_;
	my @pids;
	for my $n (0 .. $clients - 1) {
		my $pid = fork // die "fork: $!";
		if (!$pid) {
			require POSIX;
			POSIX::_exit(client($series, $n, $clients));
		}
		push @pids, $pid;
	}
	# three times in mid-run, whenever a part of the SMS is through
	for my $part (0.15, 0.4, 0.65) {
		$box->wait_for(sub { scalar(() = $box->mails(qr/^Subject: series $series mail/m)) >= $total * $part }, 120);
		ok $box->kill($program), "$program: killed after part $part";
		sleep 0.3;
		ok $box->start($program), "$program: started";
	}
	my $bad = 0;
	for (@pids) { waitpid $_, 0; $bad++ if $? }
	is $bad, 0, "$program: every client got its mails accepted";
	ok $box->wait_queue_empty(120), "$program: the queue empties" or $box->show_logs;
	$box->wait_for(sub { scalar(grep { $_->{to} =~ /^\+1555$series/ } $box->sms) >= $total }, 120);
	my (%sms, %mail);
	$sms{ $_->{to} }++ for grep { $_->{to} =~ /^\+1555$series/ } $box->sms;
	is scalar(keys %sms), $total, "$program: no SMS lost" or $box->show_logs;
	is scalar(grep { $_ > 1 } values %sms), 0, "$program: no SMS doubled";
	for my $mail ($box->mails(qr/^Subject: series $series mail/m)) {
		$mail{$1}++ if $mail =~ /^Subject: series $series mail (\d+)/m;
	}
	is scalar(keys %mail), $total, "$program: no mail lost";
	my @open = grep { $_->{to} =~ /^\+1555$series/ } map { $box->tandem_json('jobs', '--state', $_, '--limit', '1000') } qw(READY HELD SUBMITTING UNKNOWN FAILED);
	is scalar @open, 0, "$program: no job in between" or diag explain $open[0];
}

run_series('61', 'stored');
run_series('62', 'smsd');
run_series('63', 'milter');
run_series('64', 'postfix');

done_testing;
