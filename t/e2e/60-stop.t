#!/usr/bin/perl
# STOP, START and HELP by SMS, in English and Arabic: durable, answered once, obeyed by the next message.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Sandbox;
use Test::More;
binmode(Test::More->builder->$_, ':utf8') for qw(output failure_output);

my $box = Sandbox->up;
my $domain = $box->env('SMS_DOMAIN');
my $us = '+15550001111';
my ($en, $ar) = ('+15557000001', '+15557000002');

sub tagged { my ($number, $text, @head) = @_; return $box->mail(head => ['X-Tandem-SMS' => $number, 'X-Tandem-Text' => $text, Subject => $text, @head]) }
sub texts { my ($number) = @_; return map { $_->{text} } $box->sms_to($number) }

like tagged($en, 'before stop'), qr/^250 /, 'a message';
$box->wait_sms(1, $en);

# -- STOP
$box->inbound(from => $en, to => $us, text => ' Stop. ', id => 'in-1');
my @sms = $box->wait_sms(2, $en);
is scalar @sms, 2, 'one confirmation';
is $sms[1]{class}, 'compliance', 'of class compliance';
like $sms[1]{text}, qr/Example Shop/, 'names the brand';
is $sms[1]{from}, $us, 'from the number that was written to';
my @state = $box->tandem_json('consent', 'show', $en);
ok scalar(grep { $_->{state} eq 'revoked' && $_->{channel} eq 'sms' } @state), 'consent show: revoked on SMS';
ok scalar(grep { $_->{state} eq 'revoked' && $_->{channel} eq '*' } @state), 'and marketing on every channel';
ok -s $box->env('JOURNAL'), 'the revoke journal has it';

# -- obeyed
like tagged($en, 'after stop'), qr/^250 /, 'a companion: the mail passes';
$box->wait_mails(1, qr/^Subject: after stop\r?$/m);
like $box->mail(to => "$en\@$domain", body => "direct\n"), qr/^550 5\.7\.1 \+1555\*\*\*0001 opted out of SMS on \d{4}-\d\d-\d\d \(reply STOP\)/,
	'a direct one is refused at RCPT';
my ($status, $why) = $box->tandem('why', $en);
is $status, 0, 'why';
like $why, qr/optout/, 'why: the reason';
is +($box->tandem_json('decide', $en, '--channel', 'sms', '--class', 'transactional'))[0]{verdict}, 'DENY', 'decide: DENY';

# -- again: no second confirmation; nor for the same message twice
$box->inbound(from => $en, to => $us, text => 'STOP', id => 'in-2');
$box->inbound(from => $en, to => $us, text => 'STOP', id => 'in-1');
# -- HELP answers everyone
$box->inbound(from => $en, to => $us, text => 'HELP', id => 'in-3');
@sms = $box->wait_sms(3, $en);
is scalar @sms, 3, 'no second confirmation, one HELP answer';
is $sms[2]{class}, 'compliance', 'HELP answer';

# -- START
$box->inbound(from => $en, to => $us, text => 'start', id => 'in-4');
@sms = $box->wait_sms(4, $en);
is scalar @sms, 4, 'START is confirmed';
like tagged($en, 'after start'), qr/^250 /, 'a message after START';
@sms = $box->wait_sms(5, $en);
is $sms[4]{text}, 'after start', 'goes';

# -- Arabic
like tagged($ar, 'hello'), qr/^250 /, 'another person';
$box->wait_sms(1, $ar);
$box->inbound(from => $ar, to => $us, text => 'إيقاف', id => 'in-5');
@sms = $box->wait_sms(2, $ar);
is scalar @sms, 2, 'Arabic STOP: one confirmation';
like $sms[1]{text}, qr/\p{Arabic}{3}/, 'in Arabic';
like tagged($ar, 'no more'), qr/^250 /, 'a companion';
$box->wait_mails(1, qr/^Subject: no more\r?$/m);
$box->inbound(from => $ar, to => $us, text => 'مساعدة', id => 'in-6');
@sms = $box->wait_sms(3, $ar);
like $sms[2]{text}, qr/\p{Arabic}{3}/, 'Arabic HELP: answered in Arabic';

# -- not a STOP
like tagged('+15557000003', 'parcel'), qr/^250 /, 'a third person';
$box->wait_sms(1, '+15557000003');
$box->inbound(from => '+15557000003', to => $us, text => 'Do not stop the deliveries', id => 'in-7');
$box->inbound(from => '+15557000003', to => $us, text => 'thanks', id => 'in-8');
like tagged('+15557000003', 'parcel 2'), qr/^250 /, 'the next message';
@sms = $box->wait_sms(2, '+15557000003');
is_deeply [map { $_->{text} } @sms], ['parcel', 'parcel 2'], 'goes, and nothing was answered';

# -- STOP while a message is queued: held jobs do not go
like tagged('+15557000004', 'in an hour', 'X-Tandem-Delay' => '1h'), qr/^250 /, 'a held message';
my $held = $box->wait_for(sub { ($box->tandem_json('jobs', '--to', '+15557000004', '--state', 'HELD'))[0] });
$box->inbound(from => '+15557000004', to => $us, text => 'STOP', id => 'in-9');
$box->wait_sms(1, '+15557000004');
is(($box->tandem('job', 'retry', $held->{id}))[0], 0, 'made due now');
my $job = $box->wait_for(sub { my ($j) = $box->tandem_json('job', 'show', $held->{id}); $j->{state} eq 'FAILED' || $j->{state} eq 'CANCELLED' ? $j : undef });
is $job && $job->{reason}, 'optout', 'stopped by the opt-out';
is scalar(() = $box->sms_to('+15557000004')), 1, 'only the confirmation went';

# -- a malformed line loses nothing
{
	open my $fh, '>>', $box->env('SMS_IN') or die $!;
	print $fh "this is no JSON\n";
	close $fh;
}
$box->inbound(from => '+15557000003', to => $us, text => 'stop', id => 'in-10');
is scalar(@{ [$box->wait_sms(3, '+15557000003')] }), 3, 'the line after a malformed one is read';

# -- receipts
my ($accepted) = $box->tandem_json('jobs', '--to', $en, '--limit', '1');
$box->inbound(receipt => $accepted->{id}, state => 'delivered');
ok $box->wait_for(sub { +($box->tandem_json('job', 'show', $accepted->{id}))[0]{state} eq 'DELIVERED' }), 'a receipt: DELIVERED';
$box->inbound(receipt => $accepted->{id}, state => 'accepted');
$box->inbound(from => $en, to => $us, text => 'HELP', id => 'in-11');
$box->wait_sms(6, $en);
is +($box->tandem_json('job', 'show', $accepted->{id}))[0]{state}, 'DELIVERED', 'a late receipt does not step back';

# -- all of it survives
my @before = $box->tandem_json('consent', 'show', $ar);
$box->kill($_) for qw(stored smsd);
$box->start($_) for qw(stored smsd);
is_deeply [$box->tandem_json('consent', 'show', $ar)], \@before, 'kill -9: the opt-out is still there';

done_testing;
