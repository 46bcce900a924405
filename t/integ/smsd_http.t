#!/usr/bin/perl
# The provider http against a gateway that does everything wrong: what becomes of each SMS, that none is sent twice, that the others
# go on, and its webhooks. As a JSON interface, and as Kannel.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use FaultProvider;
use IO::Socket::INET;
use JSON::PP ();
use Sandbox;
use Test::More;

my $build = $ENV{TANDEM_BUILD} // Sandbox::root() . '/build/release';
my $tool = "$build/t/tools/hook";
Sandbox::plan_skip("$tool is missing (try: make tools)") if !-x $tool;

# -- what goes wrong, by the last two digits; what is to become of it: state, word in the log, requests
my @cases = (
	['01', 'nothing', {}, 'ACCEPTED', 'sent', 1],
	['02', 'refused', { status => 400, body => '{"message":"no such template"}' }, 'FAILED', 'bounced', 1],
	['03', 'a proxy\'s 502', { status => 502, body => '<html>Bad gateway</html>' }, 'UNKNOWN', 'unknown', 1],
	['04', 'no answer', { hang => 'before' }, 'UNKNOWN', 'unknown', 1],
	['05', 'half an answer', { hang => 'inside' }, 'UNKNOWN', 'unknown', 1],
	['06', 'a byte a second', { drip => 1 }, 'UNKNOWN', 'unknown', 1],
	['07', '10 MB', { size => 10 << 20 }, 'UNKNOWN', 'unknown', 1],
	['08', 'garbage', { raw => "\0\1\2garbage\r\n\r\n" }, 'UNKNOWN', 'unknown', 1],
	['09', 'the connection ends', { drop => 1 }, 'UNKNOWN', 'unknown', 1],
	['10', 'too fast', { status => 429, head => ['Retry-After: 1'], times => 1 }, 'ACCEPTED', 'sent', 2],
	['11', 'not now', { status => 503, times => 2 }, 'ACCEPTED', 'sent', 3],
	['12', 'a success without an id', { body => '{"ok":true}' }, 'UNKNOWN', 'unknown', 1],
	['13', 'a bad number', { status => 400, body => '{"error":"bad-number","message":"no subscriber"}' }, 'FAILED', 'bounced', 1],
	['14', 'a redirection', { status => 302, head => ['Location: http://127.0.0.1:1/'] }, 'UNKNOWN', 'unknown', 1],
	['15', '100 KB of headers', { head => [map { "X-$_: " . 'x' x 1000 } 1 .. 100] }, 'UNKNOWN', 'unknown', 1],
	['16', 'a connection that is closed after the answer', { close => 1 }, 'ACCEPTED', 'sent', 1],
	['17', '204', { status => 204, raw => "HTTP/1.1 204 No Content\r\n\r\n" }, 'UNKNOWN', 'unknown', 1],
	['18', 'opted out there', { status => 200, body => '{"error":"optout"}' }, 'FAILED', 'bounced', 1],
	['19', 'a slow answer', { delay => 1 }, 'ACCEPTED', 'sent', 1],
	(map { ["2$_", "10 MB, $_", { size => 10 << 20 }, 'UNKNOWN', 'unknown', 1] } 0 .. 9),
);
my %faults = map { ("+155511000$_->[0]" => $_->[2]) } @cases;
$faults{"+1555140000$_"} = { drop => 1, times => 2 } for 1 .. 5;
$faults{"+1555150000$_"} = { hang => 'before' } for 1 .. 6;
$faults{'+15551600001'} = { status => 401 };
my $gw = FaultProvider->new(faults => \%faults);
my $kannel = FaultProvider->new(default => { status => 202, body => '0: Accepted for delivery' });
# nobody listens there
my $closed = do { my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => 0); $s->sockport };

my $url = $gw->url;
my $kannel_url = $kannel->url;
my $request = <<'CONF';
  path = "/send"; id = "/id"; reason = "/message";
  body = "{\"to\":\"{to}\",\"from\":\"{from}\",\"ref\":\"{reference}\",\"text\":\"{text}\",\"dlr\":\"{callback}\"}";
  errors = [ "json:/error=bad-number -> permanent-number", "json:/error=optout -> permanent-optout" ];
  receipt = { id = "id"; state = "status"; code = "error"; states = [ "DELIVRD=delivered", "UNDELIV=undelivered", "ENROUTE=accepted" ]; };
  inbound = { from = "/from"; to = "/to"; text = "/text"; id = "/mid"; };
CONF
sub provider { my ($name, $more) = @_; return "{ name = \"$name\"; plugin = \"http\"; from = \"+15550001111\"; timeout = \"3s\"; $more }" }

my $box = Sandbox->up(
	prepare => sub {
		my ($dir) = @_;
		mkdir "$dir/etc";
		for (['hook', 's3cr3t&x'], ['password', 'pa55']) {
			open my $fh, '>', "$dir/etc/$_->[0]" or die $!;
			print $fh "$_->[1]\n";
			close $fh;
			chmod 0600, "$dir/etc/$_->[0]";
		}
	},
	conf => <<"CONF");
web = { public_url = "https://sms.example.com"; };
retry = { temporary = "1s, 1s, 2s"; throttled = "1s"; };
providers = (
  @{[provider('gw', qq(base_url = "$url"; webhook_secret_file = "hook"; $request))]},
  @{[provider('other', qq(base_url = "$url"; webhook_networks = [ "127.0.0.0/8" ]; $request))]},
  @{[provider('idem', qq(base_url = "$url"; idempotent = true; $request))]},
  @{[provider('hung', qq(base_url = "$url"; window = 2; $request) =~ s/timeout = "3s"//r)]},
  @{[provider('locked', qq(base_url = "$url"; $request))]},
  @{[provider('gone', qq(base_url = "http://127.0.0.1:$closed"; $request))]},
  { name = "kannel"; plugin = "http"; from = "+15550001111"; base_url = "$kannel_url"; method = "GET"; webhook_secret_file = "hook";
    user = "shop"; password_file = "password"; encodings = [ "gsm7=0", "ucs2=2" ];
    path = "/cgi-bin/sendsms?username={user}&password={password}&from={from}&to={to}&text={text}&ref={reference}&charset=UTF-8&coding={encoding}&dlr-mask=31&dlr-url={callback}";
    ok = [ "202", "body:^[03]:" ]; errors = [ "body:^Authorization -> auth" ];
    receipt = { query = "id={reference}&s=%d&r=%A"; id = "id"; state = "s"; code = "r"; states = [ "1=delivered", "2=undelivered", "8=accepted" ]; };
    inbound = { from = "from"; to = "to"; text = "text"; id = "mid"; }; } );
routes = (
  { prefix = ["+155511"]; providers = ["gw"]; }, { prefix = ["+155512"]; providers = ["other"]; },
  { prefix = ["+155513"]; providers = ["kannel"]; }, { prefix = ["+155514"]; providers = ["idem"]; },
  { prefix = ["+155515"]; providers = ["hung"]; }, { prefix = ["+155516"]; providers = ["locked"]; },
  { prefix = ["+155517"]; providers = ["gone"]; }, { prefix = ["+"]; providers = ["other"]; } );
CONF

sub send_to
{
	my ($smtp, $number, $text) = @_;
	return $smtp->mail(to => 'ana@example.net', head => ['X-Tandem-SMS' => $number, 'X-Tandem-Text' => $text, Subject => $text]);
}
sub job { my ($number) = @_; return ($box->tandem_json('jobs', '--to', $number, '--limit', '1'))[0] }
sub settled { my ($number, $state) = @_; return $box->wait_for(sub { my $j = job($number); $j && $j->{state} eq $state ? $j : undef }, 60) }
sub log_line { my ($id) = @_; return (grep { /job=\Q$id\E, to=/ } split /\n/, $box->log_text)[-1] // '' }

# One webhook call; (status, type, body).
sub hook
{
	my ($provider, $method, $address, $body, @head) = @_;
	my $file = "$box->{dir}/hook.body";
	open my $fh, '>:raw', $file or die $!;
	print $fh $body // '';
	close $fh;
	my $pid = open my $out, '-|' // die;
	if (!$pid) {
		open STDIN, '<', $file;
		exec $tool, $box->env('RUN') . '/smsd.web.sock', $provider, $method, $address, @head or exit 127;
	}
	local $/;
	my ($status, $type, $text) = split /\n/, <$out> // '', 3;
	close $out;
	return ($status // 'none', $type // '', $text // '');
}

# -- six SMS that hang, through a provider that takes two at once; then all the cases; then twenty to others
my $smtp = $box->smtp;
like send_to($smtp, "+1555150000$_", "hanging $_"), qr/^250/, "hanging $_" for 1 .. 6;
ok $box->wait_for(sub { scalar(grep { $_->{to} =~ /^\+155515/ } $gw->requests) == 2 }), 'two of them are with the provider';
for (@cases) {
	like send_to($smtp, "+155511000$_->[0]", "case $_->[0]"), qr/^250/, "case $_->[0]";
}
like send_to($smtp, sprintf('+155512%05d', $_), "other $_"), qr/^250/, "other $_" for 1 .. 20;
ok settled(sprintf('+155512%05d', $_), 'ACCEPTED'), "other $_ goes" for 1 .. 20;
is scalar(grep { $_->{to} =~ /^\+155515/ } $gw->requests), 2, 'while two hang still';
is scalar(grep { job("+1555150000$_")->{state} eq 'SUBMITTING' } 1 .. 6), 2, 'with the provider';

for (@cases) {
	my ($nn, $what, undef, $state, $word, $requests) = @$_;
	my $number = "+155511000$nn";
	my $job = settled($number, $state);
	ok $job, "$nn $what: $state" or do { diag explain job($number); next };
	like log_line($job->{id}), qr/ relay=gw, .* status=$word \(/, "$nn: status=$word in the log";
	is scalar(my @all = $gw->to($number)), $requests, "$nn: $requests request(s)";
	is scalar(keys %{ { map { $_->{ref} => 1 } @all } }), 1, "$nn: one reference";
	my ($status, $why) = $box->tandem('why', $number);
	is $status, 0, "$nn: why";
	like $why, $state eq 'ACCEPTED' ? qr/accepted/i : $state eq 'FAILED' ? qr/no such template|no subscriber|invalid-number|optout/ : qr/provider-uncertain/,
		"$nn: why says it";
}
is job('+15551100013')->{reason}, 'invalid-number', 'a bad number is one';
is job('+15551100018')->{reason}, 'optout', 'an opt-out is one';
is job('+15551100001')->{provider_id}, 'id-' . (job('+15551100001')->{reference} // ($gw->to('+15551100001'))[0]{ref}), 'the id of the answer is kept';

my ($status) = map { /^VmHWM:\s*(\d+) kB/ ? $1 : () } split /\n/, Sandbox::slurp("/proc/" . (Sandbox::slurp("$box->{dir}/pid/smsd") =~ /(\d+)/)[0] . '/status');
cmp_ok $status, '<', 150_000, "110 MB of answers take no more than a bounded part of memory ($status kB at most)";

# -- declared idempotent: it is repeated under the same reference until there is an answer
like send_to($smtp, "+1555140000$_", "again $_"), qr/^250/, "idempotent $_" for 1 .. 5;
for (1 .. 5) {
	my $number = "+1555140000$_";
	ok settled($number, 'ACCEPTED'), "idempotent $_: accepted in the end" or diag explain job($number);
	my @all = $gw->to($number);
	is scalar(@all), 3, "idempotent $_: third request";
	is scalar(keys %{ { map { $_->{ref} => 1 } @all } }), 1, "idempotent $_: one reference";
}

# -- credentials, and nobody there
like send_to($smtp, '+15551600001', 'locked'), qr/^250/, 'credentials that are refused';
ok $box->wait_for(sub { $box->log_text =~ /provider locked: our credentials are refused/ }), 'are told';
ok $box->wait_for(sub { job('+15551600001')->{state} eq 'READY' }), 'the SMS waits';
like send_to($smtp, '+15551700001', 'gone'), qr/^250/, 'a gateway that is down';
ok $box->wait_for(sub { my $j = job('+15551700001'); $j && log_line($j->{id}) =~ /relay=gone, .* status=deferred/ }), 'deferred: nothing has left';

# -- Kannel
like send_to($smtp, '+15551300001', "5 \xe2\x82\xac & more"), qr/^250/, 'Kannel';
ok settled('+15551300001', 'ACCEPTED'), 'Kannel: accepted';
my ($k) = $kannel->to('+15551300001');
is $k->{method}, 'GET', 'Kannel: GET';
is $k->{text}, "5 \xe2\x82\xac & more", 'Kannel: its text' if length $k->{text};
like $k->{query}, qr/username=shop&password=pa55&/, 'Kannel: credentials';
my %q = FaultProvider::form($k->{query});
is $q{'dlr-url'}, "https://sms.example.com/hook/kannel?k=s3cr3t%26x&id=$k->{ref}&s=%d&r=%A", 'Kannel: our hook, with its secret';
unlike $box->log_text, qr/pa55|s3cr3t/, 'no secret in the log';
my $dlr = $q{'dlr-url'} =~ s/%d/1/r =~ s/%A/ACK%2F/r;
is +(hook('kannel', 'GET', $dlr =~ s/s3cr3t/other/r))[0], 403, 'a wrong secret: 403';
is +(hook('kannel', 'GET', $dlr =~ s/k=[^&]*&//r))[0], 403, 'none: 403';
is job('+15551300001')->{state}, 'ACCEPTED', 'nothing was done';
is_deeply [hook('kannel', 'GET', $dlr)], [200, '', ''], 'a receipt: 200 and an empty body';
ok settled('+15551300001', 'DELIVERED'), 'delivered';
is +(hook('kannel', 'GET', 'https://sms.example.com/hook/kannel?k=s3cr3t%26x&from=15551300001&to=15550001111&text=Stop&mid=k1'))[0], 200, 'STOP by Kannel';
ok $box->wait_for(sub { grep { $_->{state} eq 'revoked' } $box->tandem_json('consent', 'show', '+15551300001') }), 'is a revoke';

# -- receipts and inbound SMS in JSON
my ($first) = $gw->to('+15551100001');
my $dlr_url = JSON::PP->new->decode($first->{body})->{dlr};
is $dlr_url, 'https://sms.example.com/hook/gw?k=s3cr3t%26x', 'our hook, as it was handed out';
is +(hook('nobody', 'POST', 'https://sms.example.com/hook/nobody', '{}'))[0], 404, 'a provider that is none: 404';
is +(hook('file', 'POST', 'https://sms.example.com/hook/file', '{}'))[0], 404, 'one that is not configured: 404';
is +(hook('locked', 'POST', 'https://sms.example.com/hook/locked', "id=$first->{ref}&status=DELIVRD"))[0], 403, 'without secret or network: 403';
is +(hook('gw', 'POST', $dlr_url, 'hello'))[0], 400, 'nonsense: 400';
is +(hook('gw', 'POST', $dlr_url, "id=id-$first->{ref}&status=DELIVRD&error=0"))[0], 200, 'a receipt by the id of the provider';
ok settled('+15551100001', 'DELIVERED'), 'delivered';
is +(hook('gw', 'POST', $dlr_url, "id=id-$first->{ref}&status=ENROUTE"))[0], 200, 'a late one';
is +(hook('gw', 'POST', $dlr_url, "id=id-nobody&status=DELIVRD"))[0], 200, 'one about an SMS that is not ours is taken, so that it is not repeated';
my ($unknown) = $gw->to('+15551100004');
is +(hook('gw', 'POST', $dlr_url, "id=$unknown->{ref}&status=DELIVRD"))[0], 200, 'a receipt by our reference';
ok settled('+15551100004', 'DELIVERED'), 'makes an uncertain SMS a delivered one';
is job('+15551100001')->{state}, 'DELIVERED', 'and no late receipt steps back';

# -- the store is away: the provider shall come again, and nothing is doubled
my $stop = '{"from":"15551100016","to":"+15550001111","text":"STOP","mid":"in-1"}';
ok $box->kill('stored'), 'the store is killed';
is +(hook('gw', 'POST', $dlr_url, $stop))[0], 503, 'then a webhook is answered with 503';
ok $box->start('stored'), 'the store is back';
ok $box->wait_for(sub { (hook('gw', 'POST', $dlr_url, $stop))[0] eq '200' }), 'the same call again: 200';
is +(hook('gw', 'POST', $dlr_url, $stop))[0], 200, 'and once more';
ok $box->wait_for(sub { grep { $_->{state} eq 'revoked' } $box->tandem_json('consent', 'show', '+15551100016') }), 'STOP is a revoke';
$box->wait_for(sub { grep { $_->{text} =~ /Example Shop/ } $gw->to('+15551100016') });
# what comes after it shows that no second confirmation is on its way
like send_to($smtp, '+15551200021', 'after'), qr/^250/, 'an SMS to another person';
ok settled('+15551200021', 'ACCEPTED'), 'goes';
is scalar(grep { $_->{text} =~ /Example Shop/ } $gw->to('+15551100016')), 1, 'one confirmation';

my %twice = %{ $gw->by_ref };
# but those that the gateway has refused for now
delete @twice{ map { $_->{ref} } grep { $_->{to} =~ /^\+15551[46]|^\+1555110001[01]$/ } $gw->requests };
is_deeply [grep { $twice{$_} > 1 } keys %twice], [], 'no reference was submitted twice but by the idempotent provider';
is job('+15551500001')->{state}, 'SUBMITTING', 'what hung from the beginning hangs still' if scalar(grep { $_->{to} =~ /^\+155515/ } $gw->requests) == 2;
$smtp->quit;
$box->down;
done_testing;
