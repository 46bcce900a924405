#!/usr/bin/perl
# The store or the sender is down and comes back: what passes, what is deferred, and that nothing is lost.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Sandbox;
use Test::More;

my $box = Sandbox->up(conf => 'milter = { store_wait = "1s"; };');
my $domain = $box->env('SMS_DOMAIN');
sub tagged { my ($number, $text, @head) = @_; return $box->mail(head => ['X-Tandem-SMS' => $number, 'X-Tandem-Text' => $text, Subject => $text, @head]) }

# -- stored down
$box->kill('stored');
like $box->mail(head => [Subject => 'untagged']), qr/^250 /, 'stored down: untagged mail passes';
is scalar(@{ [$box->wait_mails(1, qr/^Subject: untagged\r?$/m)] }), 1, 'and arrives';
like tagged('+15559000001', 'tagged'), qr/^451 4\.\d\.\d /, 'stored down: a tagged mail is deferred 451';
like $box->mail(to => "+15559000002\@$domain", body => "x\n"), qr/^450 4\.\d\.\d /, 'stored down: a direct SMS is deferred 450';
my ($status, undef, $err) = $box->tandem('status');
is $status, 75, 'tandem status says try later';
like $box->mail(listener => 'SMTP_UNTRUSTED', head => ['X-Tandem-SMS' => '+15559000001', Subject => 'stranger']), qr/^250 /, 'a stranger\'s tagged mail passes, stripped';
$box->start('stored');
like tagged('+15559000001', 'tagged'), qr/^250 /, 'back: accepted';
is scalar(@{ [$box->wait_sms(1, '+15559000001')] }), 1, 'one SMS';

# -- on_store_down = "pass"
$box->down;
$box = Sandbox->up(conf => 'milter = { store_wait = "1s"; on_store_down = "pass"; };');
$box->kill('stored');
like tagged('+15559000003', 'let go'), qr/^250 /, 'on_store_down = pass: the mail goes without its SMS';
my ($mail) = $box->wait_mails(1, qr/^Subject: let go\r?$/m);
unlike $mail // '', qr/^X-Tandem/mi, 'without our headers';
like tagged('+15559000003', 'offer', 'X-Tandem-Category' => 'offer'), qr/^451 /, 'but marketing, whose consent is unknown, is deferred';
$box->start('stored');

# -- smsd down: tokens wait in Postfix
$box->kill('smsd');
like tagged('+15559000011', "waits $_", 'Message-ID' => "<w$_\@shop>"), qr/^250 /, "smsd down: mail $_ accepted" for 1 .. 5;
is scalar(@{ [$box->wait_mails(5, qr/^Subject: waits \d\r?$/m)] }), 5, 'the mails go their way';
is scalar(() = $box->sms_to('+15559000011')), 0, 'no SMS yet';
$box->start('smsd');
is scalar(@{ [$box->wait_sms(5, '+15559000011')] }), 5, 'smsd back: all five SMS';

# -- stored goes away under smsd, jobs in between
like tagged('+15559000012', 'before'), qr/^250 /, 'one more';
$box->kill('stored');
$box->start('stored');
is scalar(@{ [$box->wait_sms(1, '+15559000012')] }), 1, 'goes, whenever stored fell';

# -- milter down: Postfix defers, nothing passes undecided
$box->kill('milter');
like tagged('+15559000013', 'no milter'), qr/^4[25]1 4\.7\.1 /, 'milter down: deferred, fail closed';
$box->start('milter');
like tagged('+15559000013', 'no milter'), qr/^250 /, 'milter back: accepted';
is scalar(@{ [$box->wait_sms(1, '+15559000013')] }), 1, 'its SMS';

# -- Postfix stopped and started with tokens in its queue
$box->kill('smsd');
like tagged('+15559000014', 'in the queue'), qr/^250 /, 'accepted with smsd down';
$box->kill('postfix');
$box->start('smsd');
$box->start('postfix');
is scalar(@{ [$box->wait_sms(1, '+15559000014')] }), 1, 'delivered by the next Postfix';

# -- a bad configuration on reload: the old one stays
my ($pid) = map { (split)[1] } grep { /^stored/ } qx($FindBin::Bin/../../scripts/sandbox status $box->{dir});
my $good = Sandbox::slurp($box->env('CONF'));
sub write_conf { open my $fh, '>', $box->env('CONF') or die $!; print $fh $_[0]; close $fh }
write_conf($good . "\nmiltr = { };\n");
kill 'HUP', $pid;
ok $box->wait_for(sub { $box->log_text =~ /tandem\.conf:\d+: .*miltr.*milter/ }), 'an unknown key: logged with file:line and a suggestion';
like tagged('+15559000015', 'old configuration'), qr/^250 /, 'the old snapshot is in force';
($status, my $out) = $box->tandem('check');
is $status, 1, 'tandem check: exit 1';
like $out, qr/tandem\.conf:\d+: .*miltr/, 'and names it';
write_conf($good);
kill 'HUP', $pid;

# -- an unreadable secret
$box->kill('stored');
chmod 0644, "$box->{dir}/etc/secret";
ok !$box->start('stored'), 'a world-readable secret is refused';
chmod 0600, "$box->{dir}/etc/secret";
ok $box->start('stored'), 'and accepted with mode 0600';
is scalar(@{ [$box->wait_sms(1, '+15559000015')] }), 1, 'everything works again';

# -- the route of tokens is missing: tandem check says so, no mail is lost
my $queue = $box->env('QUEUE');
($status, $out) = $box->tandem('check');
is $status, 0, 'tandem check passes on the sandbox' or diag $out;
my $maps = qx(postconf -c $queue -h transport_maps);
chomp $maps;
system('postconf', '-c', $queue, '-e', 'transport_maps=');
($status, $out) = $box->tandem('check');
is $status, 1, 'without the route: exit 1';
like $out, qr/FAIL.*transport_maps.*tandem\.invalid/, 'and says what is missing';
unlike $box->log_text, qr/route of tokens is not proven/, 'tandem-smsd found the route in order so far';
$box->kill('smsd');
$box->start('smsd');
ok $box->wait_for(sub { $box->log_text =~ /tandem-smsd\[\d+\]: error: the route of tokens is not proven: .*transport_maps/ }), 'tandem-smsd says so at its start';
system('postconf', '-c', $queue, '-e', "transport_maps=$maps");

done_testing;
