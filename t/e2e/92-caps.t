#!/usr/bin/perl
# A cap over mail and SMS of one person, a cap on codes, and a budget: what passes, waits and is dropped, through SMTP
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Sandbox;
use Test::More;

my $box = Sandbox->up(conf => <<'CONF');
caps = {
	pressure = { subject = "person"; limit = 4; window = "7d"; unit = "notification"; mail_on_full = "pass";
		enforce = ["transactional", "service", "marketing"]; on_full = "hold"; };
	offers = { subject = "address"; channels = ["email"]; limit = 1; window = "day"; enforce = ["marketing"];
		count = ["marketing"]; unit = "message"; };
};
budgets = { few = { subject = "country"; unit = "segment"; limit = 8; window = "1h"; }; };
CONF
my $domain = $box->env('SMS_DOMAIN');
my ($ana, $number) = ('ana@example.net', '+15553000001');

sub mail
{
	my ($what, $re, %mail) = @_;
	like $box->mail(to => $ana, head => ['X-Tandem-Class' => 'transactional', @{ $mail{head} || [] }], body => "Mail $what.\n"), $re, "mail $what";
}

# -- five mails, three with an SMS: two of the SMS are part of what was counted, the third is of a fifth notification
mail('one', qr/^250 /);
mail('two', qr/^250 /);
mail('three', qr/^250 /, head => ['X-Tandem-SMS' => $number, 'X-Tandem-Text' => 'three']);
mail('four', qr/^250 /, head => ['X-Tandem-SMS' => $number, 'X-Tandem-Text' => 'four']);
is scalar(@{ [$box->wait_sms(2, $number)] }), 2, 'the SMS of the third and fourth notification go' or $box->show_logs;
mail('five', qr/^250 /, head => ['X-Tandem-SMS' => $number, 'X-Tandem-Text' => 'five', 'X-Tandem-Key' => 'fifth']);
is scalar(@{ [$box->wait_mails(5, qr/^Mail /m)] }), 5, 'all five mails arrive';
ok $box->wait_for(sub { $box->log_text =~ /begin: job=.*reason=cap:pressure/ }), 'the fifth SMS meets a full cap' or $box->show_logs;
my ($capped) = grep { ($_->{verdict} // '') eq 'CAPPED' } map { ref eq 'ARRAY' ? @$_ : $_ } $box->tandem_json('why', $number);
like $capped->{reason} // '', qr/^cap:pressure$/, '`why` names the cap';
like $capped->{words} // '', qr/cap pressure is full: \d of 4 notifications in 7d/, '… in words, with its counter';
ok $capped->{until}, '… and says until when';
my ($sent) = grep { ($_->{verdict} // '') eq 'SEND' } map { ref eq 'ARRAY' ? @$_ : $_ } $box->tandem_json('why', $number);
like $sent->{words} // '', qr/Counters: pressure 3, then 4 of 4; few 1, then 2 of 8\./, '… and, of one that went, the counters before and after';
my ($decided) = $box->tandem_json('decide', $number, '--channel', 'sms', '--class', 'transactional');
my ($counter) = grep { $_->{rule} eq 'pressure' } @{ $decided->{counters} || [] };
is $counter->{limit}, 4, '`decide` tells the limit';
cmp_ok $counter->{used} // 0, '>=', 4, '… and how much is used';
is $decided->{verdict}, 'CAPPED', '… and the verdict';
is scalar(() = $box->sms_to($number)), 2, 'two SMS went, no more';

# -- marketing mail over its cap is dropped
$box->tandem('consent', 'in', 'max@example.net', '--channel', 'email', '--basis', 'express_written',
	'--evidence', '{"method":"form","at":"2026-01-01T00:00:00Z","ref":"7"}');
for my $n (1, 2) {
	like $box->mail(to => 'max@example.net', head => ['X-Tandem-Category' => 'offer'], body => "Offer $n.\n"), qr/^250 /, "offer $n: accepted";
}
is scalar(@{ [$box->wait_mails(1, qr/^Offer 1/m)] }), 1, 'the first offer arrives';
ok $box->wait_for(sub { $box->log_text =~ /reason=cap:offers/ }), 'the second is dropped for the cap';
ok $box->wait_queue_empty, 'the queue is empty';
is scalar(() = $box->mails(qr/^Offer 2/m)), 0, 'and does not arrive';

# -- codes: the cap that is shipped
sub code
{
	my ($n) = @_;
	return $box->mail(to => "+15553000009\@$domain", head => ['X-Tandem-Category' => 'otp', 'X-Tandem-Text' => "code $n"], body => '');
}
for my $n (1 .. 5) {
	like code($n), qr/^250 /, "code $n";
	is scalar(@{ [$box->wait_sms($n, '+15553000009')] }), $n, '… goes' or $box->show_logs;
}
like code(6), qr/^550 5\.7\.1 .*cap codes-hour is full: 5 of 5 messages in 1h/, 'the sixth in an hour is refused' or $box->show_logs;

# -- the budget: 7 of 8 segments are used
like $box->mail(to => "+15553000010\@$domain", head => ['X-Tandem-Text' => 'last'], body => ''), qr/^250 /, 'the eighth segment';
is scalar(@{ [$box->wait_sms(1, '+15553000010')] }), 1, '… goes';
like $box->mail(to => "+15553000011\@$domain", head => ['X-Tandem-Text' => 'over'], body => ''),
	qr/^450 4\.7\.1 .*budget few is full: 8 of 8 segments in 1h, try again at 20\d\d-\d\d-\d\dT/, 'then RCPT is refused with the time' or $box->show_logs;
like $box->mail(to => 'eve@example.net', head => ['X-Tandem-SMS' => '+15553000012', 'X-Tandem-Text' => 'companion'], body => "Companion.\n"), qr/^250 /,
	'a mail with an SMS';
is scalar(@{ [$box->wait_mails(1, qr/^Companion/m)] }), 1, '… arrives';
ok $box->wait_for(sub { $box->log_text =~ /begin: job=.*reason=budget:few/ }), '… and its SMS waits for the budget';
is scalar(() = $box->sms_to('+15553000012')), 0, '… unsent';

done_testing();
