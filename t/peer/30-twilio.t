#!/usr/bin/perl
# The provider twilio against its peers: Prism, which checks each request against Twilio's OpenAPI document, and Twilio's SDK, which
# signs webhooks.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use JSON::PP ();
use Sandbox;
use Test::More;
use Time::HiRes qw(sleep);

my $root = Sandbox::root();
my $build = $ENV{TANDEM_BUILD} // "$root/build/release";
my $tool = "$build/t/tools/hook";
Sandbox::plan_skip("$tool is missing (try: make tools)") if !-x $tool;
my $modules = `$root/scripts/npm-oracles 2>&1`;
Sandbox::plan_skip($modules =~ s/\s*\n/; /gr) if $?;
chomp $modules;
# not by alarm, which the dialogues with Postfix use
my $main = $$;
my $guard = fork // die "fork: $!";
if (!$guard) {
	sleep 1 for 1 .. 90;
	print STDERR "# not through in 90 s\n";
	kill 'TERM', $main;
	require POSIX;
	POSIX::_exit(0);
}
$SIG{TERM} = sub { exit 1 };

my $json = JSON::PP->new->utf8->canonical;
my $account = 'AC00000000000000000000000000000001';
my $secret = 'the auth token of a test';

# -- Prism on a free port
my $port = do { my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => 0); $s->sockport };
my ($box, $prism);
my $prism_log = "/tmp/tandem-prism.$$";
END {
	if ($$ == ($main // 0)) {
		kill 'KILL', grep { $_ } $prism, $guard;
		unlink $prism_log;
	}
}
$prism = fork // die "fork: $!";
if (!$prism) {
	open STDOUT, '>', $prism_log;
	open STDERR, '>&', \*STDOUT;
	delete $SIG{TERM};
	exec 'node', "$modules/.bin/prism", 'mock', '-h', '127.0.0.1', '-p', $port, "$root/t/data/providers/twilio-openapi.json" or exit 127;
}

$box = Sandbox->up(
	prepare => sub {
		my ($dir) = @_;
		mkdir "$dir/etc";
		open my $fh, '>', "$dir/etc/token" or die $!;
		print $fh "$secret\n";
		close $fh;
		chmod 0600, "$dir/etc/token";
	},
	conf => <<"CONF");
web = { public_url = "https://sms.example.com"; };
providers = (
  { name = "twilio"; plugin = "twilio"; from = "+15550001111"; base_url = "http://127.0.0.1:$port"; account_sid = "$account"; auth_token_file = "token"; },
  { name = "pool"; plugin = "twilio"; base_url = "http://127.0.0.1:$port"; account_sid = "$account"; auth_token_file = "token";
    messaging_service_sid = "MG00000000000000000000000000000002"; } );
routes = ( { prefix = ["+"]; providers = ["twilio"]; }, { prefix = ["+155588"]; providers = ["pool"]; } );
CONF
ok $box->wait_for(sub { Sandbox::slurp($prism_log) =~ /listening on/ }), 'Prism listens' or diag Sandbox::slurp($prism_log);

sub job { my ($number) = @_; return ($box->tandem_json('jobs', '--to', $number, '--limit', '1'))[0] }
sub settled { my ($number, $state) = @_; return $box->wait_for(sub { my $j = job($number); $j && $j->{state} eq $state ? $j : undef }) }

# -- requests
my %texts = (
	'+15557000001' => 'Your order is on its way & will arrive soon + 50% off?',
	'+15557000002' => "\xd8\xb7\xd9\x84\xd8\xa8\xd9\x83 \xf0\x9f\x93\xa6",
	'+15557000003' => 'long ' x 60,
	'+15558800001' => 'through a pool of senders',
);
for my $number (sort keys %texts) {
	my $reply = $box->mail(to => 'ana@example.net', head => ['X-Tandem-SMS' => $number, 'MIME-Version' => '1.0', 'Content-Type' => 'text/plain; charset=utf-8',
		'Content-Transfer-Encoding' => '8bit', Subject => "to $number"], body => $texts{$number});
	like $reply, qr/^250/, "$number: a mail";
	my $job = settled($number, 'ACCEPTED');
	ok $job, "$number: Prism takes the request" or do { diag explain job($number); $box->show_logs };
	like $job->{provider_id}, qr/^SM[0-9a-f]{32}$/, "$number: the sid is kept";
}
my $said = Sandbox::slurp($prism_log);
is scalar(() = $said =~ /The request passed the validation rules/g), 4, 'Prism: four valid requests';
unlike $said, qr/did not pass the validation rules|error/, 'Prism: and nothing wrong' or diag $said;

# -- webhooks
sub sign
{
	my (@asks) = @_;
	my $file = "$box->{dir}/asks";
	open my $fh, '>', $file or die $!;
	print $fh $json->encode({ token => $secret, %$_ }), "\n" for @asks;
	close $fh;
	return map { $json->decode($_) } `node $root/t/peer/twilio.js $modules <$file`;
}
sub hook
{
	my ($url, $body, @head) = @_;
	my $file = "$box->{dir}/hook.body";
	open my $fh, '>:raw', $file or die $!;
	print $fh $body;
	close $fh;
	my $pid = open my $out, '-|' // die;
	if (!$pid) {
		open STDIN, '<', $file;
		exec $tool, $box->env('RUN') . '/smsd.web.sock', 'twilio', 'POST', $url, 'Content-Type: application/x-www-form-urlencoded', @head or exit 127;
	}
	local $/;
	return split /\n/, <$out> // '', 3;
}

my %common = (AccountSid => $account, ApiVersion => '2010-04-01', MessagingServiceSid => 'MG00000000000000000000000000000002', Empty => '');
my $job = job('+15557000001');
my $hook = 'https://sms.example.com/hook/twilio';
my ($receipt, $failed, $stop, $text, $list) = sign(
	{ url => "$hook?ref=$job->{reference}", params => { %common, MessageSid => 'SM' . 'a' x 32, MessageStatus => 'delivered', RawDlrDoneDate => '2611250412' } },
	{ url => "$hook?ref=@{[job('+15557000002')->{reference}]}", params => { %common, MessageSid => 'SM' . 'b' x 32, MessageStatus => 'undelivered', ErrorCode => '30003' } },
	{ url => $hook, params => { %common, MessageSid => 'SM' . 'c' x 32, From => '+15557000003', To => '+15550001111', Body => 'STOP', NumSegments => '1', OptOutType => 'STOP' } },
	{ url => $hook, params => { %common, MessageSid => 'SM' . 'd' x 32, From => '+15557000001', To => '+15550001111', Body => "caf\x{e9} \x{1f44d} a&b=c it's + 100%" } },
	{ url => "$hook?x=It%27s", params => { %common, MessageSid => 'SM' . 'e' x 32, MessageStatus => 'sent', Digits => ['5678', '1234', '1234'] } },
);
is scalar(grep { $_->{valid} } $receipt, $failed, $stop, $text, $list), 5, 'the SDK takes its own signatures';
is +(hook($receipt->{url}, $receipt->{form} =~ s/delivered/failed/r, "X-Twilio-Signature: $receipt->{signature}"))[0], 403, 'a receipt that was tampered with: 403';
is +(hook($receipt->{url} =~ s/ref=./ref=X/r, $receipt->{form}, "X-Twilio-Signature: $receipt->{signature}"))[0], 403, 'another reference: 403';
is +(hook($receipt->{url}, $receipt->{form}))[0], 403, 'no signature: 403';
is job('+15557000001')->{state}, 'ACCEPTED', 'nothing was done';
is +(hook($receipt->{url}, $receipt->{form}, "X-Twilio-Signature: $receipt->{signature}"))[0], 204, 'a receipt that the SDK signed: 204';
ok settled('+15557000001', 'DELIVERED'), 'delivered';
is +(hook($failed->{url}, $failed->{form}, "X-Twilio-Signature: $failed->{signature}"))[0], 204, 'another';
ok settled('+15557000002', 'UNDELIVERED'), 'undelivered';
is +(hook($list->{url}, $list->{form}, "X-Twilio-Signature: $list->{signature}"))[0], 204, 'names that come more than once, and an apostrophe in the address';
is_deeply [hook($text->{url}, $text->{form}, "X-Twilio-Signature: $text->{signature}")], [200, 'text/xml', '<Response/>'], 'an inbound SMS: TwiML';
is +(hook($stop->{url}, $stop->{form}, "X-Twilio-Signature: $stop->{signature}"))[0], 200, 'STOP, answered by Twilio itself';
ok $box->wait_for(sub { grep { $_->{state} eq 'revoked' } $box->tandem_json('consent', 'show', '+15557000003') }), 'is a revoke';
unlike $box->log_text, qr/\Q$secret\E/, 'the token is not in the log';

$box->down;
done_testing;
