#!/usr/bin/perl
# Quiet hours: a service SMS waits for the hour and says until when; a transactional one and mail go.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX qw(strftime);
use Sandbox;
use Test::More;
binmode(Test::More->builder->$_, ':utf8') for qw(output failure_output);

my ($miami, $austin) = ('+13055550123', '+15125550123');
my $hours;

# One rule for Florida, written so that Sandbox finds it: closed now, open for an hour, six hours from now, New York time.
sub local_hour { local $ENV{TZ} = 'America/New_York'; POSIX::tzset(); my $h = strftime '%H', localtime $_[0]; return $h }
sub rules
{
	my (@rows) = @_;
	open my $fh, '>', $hours or die "$hours: $!";
	print $fh join "\n", 'region,days,open,close,classes,holidays,source,reviewed', @rows, '';
	close $fh;
	return;
}

my $open = (local_hour(time) + 6) % 24;
my $window = sprintf '%02d:00,%02d:00', $open, $open + 1;
my $box = Sandbox->up(conf => 'quiet_hours = { file = "florida.csv"; };', prepare => sub {
	mkdir "$_[0]/etc";
	$hours = "$_[0]/etc/florida.csv";
	rules('*,,00:00,24:00,,,,', "US-FL,,$window,,,\"Test statute, section 1\",2026-11-25");
});

sub tagged { my ($number, $text, @head) = @_; return $box->mail(head => ['X-Tandem-SMS' => $number, 'X-Tandem-Text' => $text, Subject => $text, @head]) }
sub jobs { my ($number) = @_; return $box->tandem_json('jobs', '--to', $number) }
sub job_in
{
	my ($number, $state) = @_;
	$box->wait_for(sub { grep { $_->{state} eq $state } jobs($number) }, 30);
	return (grep { $_->{state} eq $state } jobs($number))[0] || {};
}

# -- held, until exactly the next opening and at most 15 minutes more
like tagged($miami, 'your appointment', 'X-Tandem-Class' => 'service'), qr/^250 /, 'a service mail to Florida passes';
$box->wait_mails(1, qr/^Subject: your appointment\r?$/m);
pass 'and arrives';
my $job = job_in($miami, 'HELD');
is $job->{state}, 'HELD', 'its SMS is held';
my ($document) = $box->tandem_json('job', 'show', $job->{id});
my ($y, $mo, $d, $h, $mi) = ($document->{due} || '') =~ /^(\d+)-(\d\d)-(\d\d)T(\d\d):(\d\d)/ or diag explain $document;
my $due = do { local $ENV{TZ} = 'UTC'; POSIX::tzset(); POSIX::mktime(0, $mi, $h, $d, $mo - 1, $y - 1900) };
is local_hour($due), sprintf('%02d', $open), 'job show: until that hour in Florida';
cmp_ok $mi, '<=', 15, 'spread over the first quarter of it';
ok $due > time && $due < time + 24 * 3600, 'of the next day at most';
my ($status, $why) = $box->tandem('why', $job->{id});
is $status, 0, 'why';
like $why, qr/quiet hours \(US-FL mon-sun \Q@{[$window =~ s{,}{-}r]}\E; Test statute, section 1\): it is \d\d:\d\d there \(America\/New_York\)/,
	'why: the rule, its source, the time there';
my ($decide) = $box->tandem_json('decide', $miami, '--channel', 'sms', '--class', 'service');
is $decide->{verdict}, 'HOLD', 'decide: HOLD';
is_deeply $decide->{zones}, ['America/New_York'], 'decide: the zone';
like $decide->{local_time}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/, 'decide: the local time';
like $decide->{rule}, qr/^US-FL /, 'decide: the rule';

# -- what does not wait
like tagged($miami, 'your order', 'X-Tandem-Class' => 'transactional'), qr/^250 /, 'a transactional one';
is +($box->wait_sms(1, $miami))[0]{text}, 'your order', 'goes';
like tagged($austin, 'your appointment in Texas', 'X-Tandem-Class' => 'service'), qr/^250 /, 'a service SMS to Texas';
is +($box->wait_sms(1, $austin))[0]{text}, 'your appointment in Texas', 'goes: the rule is of Florida';
is +($box->tandem('consent', 'in', 'lea@example.com', '--channel', 'email', '--category', 'offer', '--basis', 'express'))[0], 0, 'consent';
like $box->mail(to => 'lea@example.com', head => ['X-Tandem-Category' => 'offer', Subject => 'half price']), qr/^250 /, 'marketing mail';
is scalar(() = $box->wait_mails(1, qr/^Subject: half price\r?$/m)), 1, 'has no quiet hours';
is scalar(grep { $_->{text} eq 'your appointment' } $box->sms_to($miami)), 0, 'the first still waits';

# -- a file that is wrong changes nothing, and says where; one that is right counts for what is decided from then on
sub reload
{
	my ($what) = @_;
	open my $fh, '<', "$box->{dir}/pid/stored" or die "pid/stored: $!";
	chomp(my $pid = <$fh>);
	kill HUP => $pid;
	return $box->wait_for($what, 30);
}
rules('*,,00:00,24:00,,,,', 'US-FL,,9:00,20:00,,,,');
reload(sub { $box->log_text =~ /florida\.csv:3: quiet_hours\.file: open: "9:00"/ });
like $box->log_text, qr/florida\.csv:3: quiet_hours\.file: open: "9:00" \(want 00:00 to 23:59/, 'a row that is wrong: the log says which';
my ($bad, undef) = $box->tandem('check');
isnt $bad, 0, 'check: not right';
my $second = '+13055550124';
like tagged($second, 'an appointment', 'X-Tandem-Class' => 'service'), qr/^250 /, 'meanwhile the old rules count';
$box->wait_for(sub { $box->log_text =~ /begin: job=\S+, to=<\+1305\*\*\*0124>.*reason=quiet-hours/ });
like $box->log_text, qr/begin: job=\S+, to=<\+1305\*\*\*0124>.*reason=quiet-hours/, 'and hold';
rules('*,,00:00,24:00,,,,');
reload(sub { ($box->tandem_json('decide', $miami, '--channel', 'sms', '--class', 'service'))[0]{verdict} eq 'SEND' });
is +($box->tandem_json('decide', $miami, '--channel', 'sms', '--class', 'service'))[0]{verdict}, 'SEND', 'open after a reload';
is job_in($miami, 'HELD')->{id}, $job->{id}, 'what waits keeps its time';
is +($box->tandem('job', 'retry', $job->{id}))[0], 0, 'until an operator has it tried again';
my @sms = $box->wait_sms(2, $miami);
is $sms[1]{text}, 'your appointment', 'it goes';

done_testing;
