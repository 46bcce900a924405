#!/usr/bin/perl
# Only listed submitters are heard: headers of everyone else are removed unread; forged and repeated tokens do nothing.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Sandbox;
use Test::More;

my $box = Sandbox->up(conf => <<'CONF');
submitters = (
  { network = ["127.0.0.0/8"]; daemon = "trusted"; max_class = "transactional"; from = ["+15550009999"]; categories = ["order-confirmation", "fraud-alert"]; },
  { local = true; max_class = "critical"; } );
CONF
my $domain = $box->env('SMS_DOMAIN');

# -- untrusted
like $box->mail(listener => 'SMTP_UNTRUSTED', head => ['X-Tandem-SMS' => '+15555000001', 'X-Tandem-Text' => 'spam', 'X-Tandem-Nonsense' => 'x',
	'X-Tandem-Send-At' => 'never', Subject => 'untrusted']), qr/^250 /, 'untrusted client: its mail passes';
my ($mail) = $box->wait_mails(1, qr/^Subject: untrusted\r?$/m);
unlike $mail // '', qr/^X-Tandem/mi, 'its headers are removed unread';
like $box->mail(listener => 'SMTP_UNTRUSTED', head => [Subject => 'plain']), qr/^250 /, 'an untagged mail passes';
$box->wait_mails(1, qr/^Subject: plain\r?$/m);

# -- trusted, but not for everything
my @category = ('X-Tandem-Category' => 'order-confirmation');
like $box->mail(head => ['X-Tandem-SMS' => '+15555000003', 'X-Tandem-Text' => 'x']), qr/^550 5\.7\.1 .*categor/, 'no category, of a submitter who has a list: refused';
like $box->mail(head => ['X-Tandem-SMS' => '+15555000002', 'X-Tandem-Text' => 'clamped', 'X-Tandem-Category' => 'fraud-alert']), qr/^250 /,
	'a class above the maximum: accepted';
my ($sms) = $box->wait_sms(1, '+15555000002');
is $sms->{class}, 'transactional', 'clamped';
ok $box->wait_for(sub { $box->log_text =~ /class critical taken as transactional/ }), 'and logged';
like $box->mail(head => ['X-Tandem-SMS' => '+15555000003', 'X-Tandem-Text' => 'x', 'X-Tandem-Category' => 'otp']), qr/^550 5\.7\.1 /, 'a category not allowed: refused';
like $box->mail(head => ['X-Tandem-SMS' => '+15555000003', 'X-Tandem-Text' => 'x', 'X-Tandem-From' => 'BigBank', @category]), qr/^550 5\.7\.1 /, 'a sender id not allowed: refused';
like $box->mail(head => ['X-Tandem-SMS' => '+15555000004', 'X-Tandem-Text' => 'from', 'X-Tandem-From' => '+15550009999', @category]), qr/^250 /, 'an allowed sender id';
is +($box->wait_sms(1, '+15555000004'))[0]{from}, '+15550009999', 'is used';

# -- tokens
like $box->mail(to => 't-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@tandem.invalid'), qr/^554 5\.7\.1 /, 'no SMTP client may address a token';
like $box->mail(listener => 'SMTP_UNTRUSTED', to => 'T-AAAA@TANDEM.INVALID'), qr/^554 5\.7\.1 /, 'in any case of letters';
sub tandem_pipe
{
	my ($recipient) = @_;
	my $out = qx(su -s /bin/sh nobody -c "$box->{dir}/bin/tandem-pipe -s @{[$box->env('RUN')]}/smsd.pipe.sock -d tandem.invalid -q TEST -f shop\@example.com -- $recipient" 2>&1);
	return ($? >> 8, $out);
}
my ($status, $out) = tandem_pipe('t-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@tandem.invalid');
is $status, 75, 'a forged token: every exit but success is 75';
like $out, qr/^5\.1\.1 /, 'and its text says 5.1.1';
my ($token) = $box->log_text =~ /to=<(t-[a-z2-7]+\@tandem\.invalid)>/;
ok $token, 'a real token was seen in the log';
my $before = () = $box->sms;
($status, $out) = tandem_pipe($token);
is $status, 0, 'a repeated token: success';
like $out, qr/^2\.0\.0 /, '2.0.0';
(my $flipped = $token) =~ s/^t-(.)/'t-' . ($1 eq 'a' ? 'b' : 'a')/e;
($status, $out) = tandem_pipe($flipped);
like $out, qr/^5\.1\.1 /, 'one letter changed: forged';
($status, $out) = tandem_pipe("+15555000009\@$domain");
like $out, qr/^5\.7\.1 /, 'a number without token: refused 5.7.1';
sleep 1;
is scalar(() = $box->sms), $before, 'none of it sent anything';

# -- the reporting header is ours alone
like $box->mail(head => ['X-Tandem-Self' => 'aaaaaaaa', 'X-Tandem-Keyword' => 'stop', Subject => 'self']), qr/^250 /, 'X-Tandem-Self of a stranger';
($mail) = $box->wait_mails(1, qr/^Subject: self\r?$/m);
unlike $mail // '', qr/^X-Tandem/mi, 'is removed, with X-Tandem-Keyword';
ok $box->wait_queue_empty, 'nothing is left in the queue';

done_testing;
