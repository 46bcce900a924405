#!/usr/bin/perl
# kill -9 of tandem-smsd in the middle of 500 SMS to an HTTP gateway that sends a reference once: none is lost, each is sent exactly
# once. And to one that does not promise that: none is submitted twice.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use FaultProvider;
use Sandbox;
use Test::More;
use Time::HiRes qw(sleep);

my ($total, $kills) = (500, 10);
# slow enough that a killed smsd always leaves some without an answer
my $gw = FaultProvider->new(default => { delay => 0.05 });
my $url = $gw->url;
my $same = qq(plugin = "http"; from = "+15550001111"; base_url = "$url"; id = "/id"; timeout = "5s";
  body = "{\\"to\\":\\"{to}\\",\\"ref\\":\\"{reference}\\",\\"text\\":\\"{text}\\"}";);
my $box = Sandbox->up(conf => <<"CONF");
retry = { temporary = "1s, 1s, 2s, 5s"; };
providers = ( { name = "once"; idempotent = true; window = 10; $same }, { name = "plain"; window = 10; $same } );
routes = ( { prefix = ["+155561"]; providers = ["once"]; }, { prefix = ["+155562"]; providers = ["plain"]; } );
CONF

sub send_all
{
	my ($series) = @_;
	my $bad = 0;
	my $smtp = $box->smtp;
	for my $i (1 .. $total) {
		my $reply = $smtp->mail(to => 'ana@example.net', head => ['X-Tandem-SMS' => sprintf('+1555%s%05d', $series, $i), 'X-Tandem-Text' => "message $i"]);
		$bad++ if $reply !~ /^250/;
	}
	$smtp->quit;
	return $bad;
}

# References by how often they came, of one series.
sub requests
{
	my ($series) = @_;
	my %n;
	$n{ $_->{ref} }++ for grep { $_->{to} =~ /^\+1555$series/ } $gw->requests;
	return %n;
}

sub run_series
{
	my ($series) = @_;
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		require POSIX;
		POSIX::_exit(send_all($series) ? 1 : 0);
	}
	my $killed = 0;
	for my $k (1 .. $kills) {
		# at a moment of chance between two parts of the run
		my %before;
		$box->wait_for(sub { %before = requests($series); keys %before >= $total * $k / ($kills + 2) }, 60);
		sleep rand 0.2;
		$killed += $box->kill('smsd') ? 1 : 0;
		sleep rand 0.3;
		$box->start('smsd') or diag "$series: smsd does not start";
	}
	is $killed, $kills, "$series: killed $kills times";
	waitpid $pid, 0;
	is $?, 0, "$series: all mails were accepted";
}

# Jobs of a series by state.
sub states
{
	my ($series) = @_;
	my %n;
	$n{ $_->{state} }++ for grep { $_->{to} =~ /^\+1555$series/ } $box->tandem_json('jobs', '--limit', '5000');
	return \%n;
}

run_series('61');
$box->wait_for(sub { (states('61')->{ACCEPTED} // 0) >= $total }, 90);
is_deeply states('61'), { ACCEPTED => $total }, 'idempotent: every SMS is accepted' or $box->show_logs;
my %refs = requests('61');
my %numbers = map { $_->{to} => 1 } grep { $_->{to} =~ /^\+155561/ } $gw->requests;
is scalar(keys %numbers), $total, 'idempotent: none is lost';
is scalar(keys %refs), $total, 'idempotent: one reference each, so each is sent once';
my $again = grep { $_ > 1 } values %refs;
cmp_ok $again, '>', 0, "idempotent: $again were in doubt and submitted again";

run_series('62');
my $done = $box->wait_for(sub { my $s = states('62'); ($s->{ACCEPTED} // 0) + ($s->{UNKNOWN} // 0) >= $total ? $s : undef }, 90);
ok $done, 'plain: every SMS has an outcome' or diag explain states('62');
%refs = requests('62');
is scalar(grep { $_ > 1 } values %refs), 0, 'plain: none was submitted twice';
%numbers = map { $_->{to} => 1 } grep { $_->{to} =~ /^\+155562/ } $gw->requests;
my @unknown = $box->tandem_json('jobs', '--state', 'UNKNOWN', '--limit', '5000');
cmp_ok scalar(@unknown), '>', 0, scalar(@unknown) . ' are uncertain';
cmp_ok scalar(keys %numbers) + scalar(grep { !$numbers{ $_->{to} } } @unknown), '==', $total, 'plain: what was not submitted is uncertain, none is lost';

$box->down;
done_testing;
