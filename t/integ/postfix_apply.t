#!/usr/bin/perl
# tandem postfix: what it would change in a Postfix configuration, that --apply makes just that, and that --undo takes it back. The
# configuration is Debian's own in a private folder; no Postfix runs.
use strict;
use warnings;
use File::Copy qw(copy);
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use FindBin;
use JSON::PP ();
use Test::More;

$ENV{PATH} .= ':/usr/sbin:/sbin';
plan skip_all => 'must run as root: postfix check needs it' if $> != 0;
plan skip_all => 'postfix is not installed (try: scripts/bootstrap --test)' if system('command -v postconf >/dev/null 2>&1');
my ($main_dist, $master_dist) = ('/usr/share/postfix/main.cf.debian', '/usr/share/postfix/master.cf.dist');
plan skip_all => "$master_dist is not here" if !-f $master_dist || !-f $main_dist;

my $bin = $ENV{TANDEM_BIN} || ($ENV{TANDEM_BUILD} || "$FindBin::Bin/../../build/release") . '/bin';
my $dir = tempdir('/tmp/tandem-apply.XXXXXX', CLEANUP => 1);
chmod 0755, $dir;

sub slurp
{
	open my $fh, '<:raw', $_[0] or return '';
	local $/;
	return <$fh> // '';
}

sub put
{
	open my $fh, '>:raw', "$dir/$_[0]" or die "$dir/$_[0]: $!";
	print $fh $_[1];
	close $fh;
}

put('tandem.conf', <<"CONF");
config_version = 1;
sms_domain = "sms.example.com";
home_country = "US";
run_dir = "$dir/run";
store = { path = "$dir/tandem.db"; };
milter = { listen = "unix:$dir/queue/tandem/milter.sock"; };
smsd = { lmtp = "unix:$dir/queue/tandem/lmtp.sock"; };
providers = ( { name = "file"; plugin = "file"; path = "/x"; } );
CONF

# A fresh configuration, with these lines more.
sub fresh
{
	my ($main, $master) = @_;
	remove_tree("$dir/etc");
	unlink glob "$dir/postfix.undo.json*";
	make_path("$dir/etc", "$dir/queue", "$dir/data");
	my $owner = getpwnam('postfix');
	chown $owner, -1, "$dir/data";
	put('etc/main.cf', slurp($main_dist) . "queue_directory = $dir/queue\ndata_directory = $dir/data\n" .
		"myhostname = mta.example.com\n" . ($main // ''));
	put('etc/master.cf', slurp($master_dist) . ($master // ''));
	copy("$dir/etc/$_", "$dir/$_.before") for qw(main.cf master.cf);
	settle();
}

# Postfix's commands wait two seconds for a main.cf that has just been written, lest it is only half of one.
sub settle { utime 1, 1, "$dir/etc/main.cf" }

# (exit status, stdout, stderr)
sub tandem
{
	my (@args) = @_;
	settle();
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		open STDOUT, '>', "$dir/stdout";
		open STDERR, '>', "$dir/stderr";
		exec "$bin/tandem", '-c', "$dir/tandem.conf", @args or exit 127;
	}
	waitpid $pid, 0;
	return ($? & 127 ? 128 + ($? & 127) : $? >> 8, slurp("$dir/stdout"), slurp("$dir/stderr"));
}
sub postfix { return tandem('postfix', '--config-dir', "$dir/etc", @_) }
sub status_of { return (postfix(@_))[0] }

sub postconf
{
	my (@args) = @_;
	open my $fh, '-|', "postconf -c $dir/etc @args 2>/dev/null" or die $!;
	my $out = join '', <$fh>;
	$out =~ s/\n\z//;
	return $out;
}
sub value { settle(); return postconf('-hx', $_[0]) }
sub same_as_before { return slurp("$dir/etc/main.cf") eq slurp("$dir/main.cf.before") && slurp("$dir/etc/master.cf") eq slurp("$dir/master.cf.before") }

my $milter = '{ unix:tandem/milter.sock, connect_timeout=5s, command_timeout=30s, content_timeout=60s, default_action=tempfail }';
my $reject = 'check_recipient_access inline:{ { tandem.invalid = REJECT 5.7.1 private domain of Tandem } }';

# -- a system as installed
fresh();
my ($status, $out, $err) = postfix();
is $status, 0, 'what is to be changed';
ok same_as_before(), 'telling changes nothing';
system("cp -r $dir/etc $dir/byhand");
(my $byhand = $out) =~ s{\Q$dir/etc\E}{$dir/byhand}g;
$byhand =~ s/^postfix check.*$//m;
is system('sh', '-ec', $byhand), 0, 'the lines it prints can be typed into a shell';

($status, $out, $err) = postfix('--apply');
is $status, 0, '--apply' or diag $out, $err;
is $err, '', 'without a word of warning';
is slurp("$dir/etc/main.cf"), slurp("$dir/byhand/main.cf"), 'main.cf as typed by hand';
is slurp("$dir/etc/master.cf"), slurp("$dir/byhand/master.cf"), 'master.cf as typed by hand';
is value('smtpd_milters'), $milter, 'smtpd_milters: in the chroot';
is value('non_smtpd_milters'), $milter, 'non_smtpd_milters';
is value('smtpd_recipient_restrictions'), $reject, 'nobody addresses a token';
is value('relay_domains'), 'sms.example.com', 'relay_domains';
is value('sms_destination_recipient_limit'), '1', 'one token a run';
is value('sms_time_limit'), '60s', 'the time limit of pipe(8)';
like postconf('-M', 'sms/unix'), qr{pipe flags=X user=tandem-pipe null_sender= argv=/\S+/tandem-pipe -s \Q$dir\E/run/smsd\.pipe\.sock -d tandem\.invalid}, 'the service';
is `postmap -c $dir/etc -q tandem.invalid '@{[value('transport_maps')]}'`, "sms:\n", 'tokens are routed to it';
is `postmap -c $dir/etc -q sms.example.com '@{[value('transport_maps')]}'`, "sms:\n", 'and numbers';
is sprintf('%o', (stat "$dir/postfix.undo.json")[2] & 07777), '600', 'the record is readable by root alone';

my $applied = slurp("$dir/etc/main.cf");
($status, $out) = postfix('--apply');
is $status, 0, 'applied again: nothing to do';
like $out, qr/nothing is changed/, 'it says so';
is slurp("$dir/etc/main.cf"), $applied, 'nothing is changed';
($status, $out, $err) = postfix('--apply', '--fail-open');
is $status, 1, 'other changes on top are refused';
like $err, qr/applied already on 2\d\d\d-.*--undo/, 'with the way out';
is slurp("$dir/etc/main.cf"), $applied, 'nothing is changed';

is status_of('--undo'), 0, '--undo';
ok same_as_before(), 'main.cf and master.cf are byte by byte what they were';
ok !-e "$dir/postfix.undo.json", 'the record is gone';
($status, $out, $err) = postfix('--undo');
is $status, 1, 'a second undo is refused';
like $err, qr/nothing was applied/, 'and says why';

# -- a system in use: what is there stays
fresh(<<'MAIN', <<'MASTER');
smtpd_milters = inet:localhost:8891,
  # the signer
  unix:other.sock
non_smtpd_milters = inet:localhost:8891
transport_maps = inline:{ { old.example.com = smtp:[192.0.2.1] } }
relay_domains = old.example.com
relay_recipient_maps = inline:{ { a@old.example.com = OK } }
smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination
pipe_delivery_status_filter = inline:{ { x = y } }
MAIN
submission inet n       -       y       -       -       smtpd
  -o smtpd_milters=inet:localhost:8892
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
127.0.0.1:10025 inet n  -       y       -       -       smtpd
  -o content_filter=
MASTER
($status, $out, $err) = postfix('--apply');
is $status, 0, 'apply on a system in use' or diag $err;
is value('smtpd_milters'), "$milter, inet:localhost:8891, unix:other.sock", 'our milter before the others, which stay';
is value('non_smtpd_milters'), "$milter, inet:localhost:8891", 'the same for sendmail(1)';
is value('relay_domains'), 'sms.example.com, old.example.com', 'relay_domains grow';
is value('smtpd_recipient_restrictions'), "$reject, permit_mynetworks, reject_unauth_destination", 'restrictions stay behind ours';
is `postmap -c $dir/etc -q old.example.com '@{[(split /, (?=inline)/, value('transport_maps'))[1]]}'`, "smtp:[192.0.2.1]\n", 'the old routes stay';
like value('relay_recipient_maps'), qr/\@sms\.example\.com = OK.*a\@old/, 'numbers are recipients of the relay domain';
like value('pipe_delivery_status_filter'), qr/died.*x = y/, 'status filters';
is postconf('-Px', 'submission/inet/smtpd_milters'), "submission/inet/smtpd_milters = $milter,inet:localhost:8892", 'a listener with milters of its own';
is postconf('-Px', 'submission/inet/smtpd_recipient_restrictions'),
	"submission/inet/smtpd_recipient_restrictions = $reject,permit_sasl_authenticated,reject", 'a listener with restrictions of its own';
is postconf('-P', '127.0.0.1:10025/inet/smtpd_milters'), '127.0.0.1:10025/inet/smtpd_milters =', 'no milter where mail comes back from a filter';
is postconf('-P', '127.0.0.1:10025/inet/smtpd_recipient_restrictions'),
	'127.0.0.1:10025/inet/smtpd_recipient_restrictions = permit_mynetworks,reject_unauth_destination', 'where tokens come back, too';
is +(postfix())[1] =~ /^postconf/m ? 'more' : 'none', 'none', 'nothing is left to do';

# -- undo when the administrator has been there since
system('postconf', '-c', "$dir/etc", '-e', 'relay_domains=mine.example.com', 'biff=yes');
($status, $out, $err) = postfix('--undo');
is $status, 1, 'undo with a parameter changed since: exit 1';
like $err, qr/^tandem: relay_domains: has been changed since: left as it is$/m, 'it is named';
is value('relay_domains'), 'mine.example.com', 'and left';
is value('biff'), 'yes', 'what is not ours is left';
is value('smtpd_milters'), 'inet:localhost:8891, unix:other.sock', 'the others are as before';
is value('smtpd_recipient_restrictions'), 'permit_mynetworks, reject_unauth_destination', 'restrictions too';
unlike slurp("$dir/etc/main.cf"), qr/^fast_flush_domains|^sms_/m, 'what was not set is not set';
is postconf('-M', 'sms/unix'), '', 'the service is gone';
is postconf('-P', 'submission/inet/smtpd_milters'), 'submission/inet/smtpd_milters = inet:localhost:8892', 'overrides are as before';
is postconf('-P', '127.0.0.1:10025/inet/smtpd_milters'), '', 'or gone';

# -- a list longer than most
my $many = join ', ', map { "d$_.example.com" } 1 .. 1000;
fresh("relay_domains = $many\n");
is status_of('--apply'), 0, 'apply';
is value('relay_domains'), "sms.example.com, $many", 'nothing of a long list is lost';

# -- milters that are named through another parameter
fresh("non_smtpd_milters = \$smtpd_milters\n");
is status_of('--apply'), 0, 'apply';
is postconf('-h', 'non_smtpd_milters'), '$smtpd_milters', '$smtpd_milters stays as it is written';
is status_of('--undo'), 0, 'undo';

# -- fail open
fresh();
is status_of('--apply', '--fail-open'), 0, '--fail-open';
like value('smtpd_milters'), qr/default_action=accept/, 'mail passes when the milter is down';
for my $name (qw(smtp_header_checks lmtp_header_checks)) {
	my $map = value($name);
	is `postmap -c $dir/etc -q 'X-Tandem-SMS: yes' '$map'`, "IGNORE\n", "our headers end here: $name";
	is `postmap -c $dir/etc -q 'X-Tandemx: yes' '$map'`, '', 'no others';
}
my ($how, $check) = tandem('check', '--postfix', '--config-dir', "$dir/etc");
like $check, qr/fails open/, 'check says so';
is status_of('--undo'), 0, 'undo';
ok same_as_before(), 'as it was';

# -- LMTP
fresh();
is status_of('--apply', '--lmtp'), 0, '--lmtp';
is `postmap -c $dir/etc -q tandem.invalid '@{[value('transport_maps')]}'`, "sms-lmtp:unix:$dir/queue/tandem/lmtp.sock\n", 'tokens go by LMTP';
like postconf('-M', 'sms-lmtp/unix'), qr/lmtp -o lmtp_send_xforward_command=yes/, 'a transport of its own';
is status_of('--undo'), 0, 'undo';
ok same_as_before(), 'as it was';

# -- check: each doubt is named with its way out
sub doubts { my (undef, $said) = tandem('check', '--postfix', '--config-dir', "$dir/etc"); return $said }
sub doubt
{
	my ($what, $change, $line) = @_;
	copy("$dir/$_.applied", "$dir/etc/$_") for qw(main.cf master.cf);
	$change->();
	like doubts(), qr/^FAIL  Postfix: $line.*\(try: /m, "check: $what";
}
sub set { my (@words) = @_; return sub { system('postconf', '-c', "$dir/etc", '-e', @words) } }
sub service { my ($line) = @_; return sub { open my $fh, '>>', "$dir/etc/master.cf" or die $!; print $fh $line; close $fh } }
fresh();
status_of('--apply');
copy("$dir/etc/$_", "$dir/$_.applied") for qw(main.cf master.cf);
($status, $out) = tandem('check', '--postfix', '--config-dir', "$dir/etc");
is $status, 0, 'check: no doubt after --apply' or diag $out;
my ($json) = (tandem('--json', 'check', '--postfix', '--config-dir', "$dir/etc"))[1];
is scalar(grep { !defined JSON::PP::decode_json($_)->{result} } split /\n/, $json), 0, 'check --json: a document a line';
doubt('no milter', set('smtpd_milters='), 'smtpd_milters does not name our milter');
doubt('no milter for sendmail', set('non_smtpd_milters='), 'non_smtpd_milters does not name our milter');
doubt('fails open', set("smtpd_milters={ unix:tandem/milter.sock, default_action=accept }"), 'smtpd_milters fails open');
doubt('behind the signer', set("smtpd_milters=inet:localhost:8891, $milter"), 'smtpd_milters: our milter stands behind inet:localhost:8891');
doubt('a macro is lacking', set('milter_connect_macros=j _'), 'milter_connect_macros lacks \{daemon_name\}');
doubt('an old protocol', set('milter_protocol=2'), 'milter_protocol = 2');
doubt('more than one token a run', set('sms_destination_recipient_limit=50'), 'sms_destination_recipient_limit must be 1');
doubt('a short time limit', set('sms_time_limit=20s'), 'sms_time_limit = 20s');
doubt('a long queue lifetime', set('maximal_queue_lifetime=30d'), 'maximal_queue_lifetime is longer');
doubt('the token domain in a class', set('mydestination=tandem.invalid'), 'mydestination holds tandem\.invalid');
doubt('tokens rewritten', set('virtual_alias_maps=static:x@example.com'), 'virtual_alias_maps turns tokens into x@');
doubt('tokens rewritten by what stands before a delimiter', set('recipient_delimiter=+-', 'virtual_alias_maps=inline:{ { t@tandem.invalid = y@example.com } }'),
	'virtual_alias_maps turns tokens into y@');
doubt('no route', set('transport_maps='), 'transport_maps has no route for tandem\.invalid');
doubt('numbers no recipients', set('relay_domains='), 'relay_domains does not hold sms\.example\.com');
doubt('everybody may relay', set('mynetworks=0.0.0.0/0'), 'mynetworks lets everybody relay');
doubt('another user', sub { system("sed -i s/user=tandem-pipe/user=nobody/ $dir/etc/master.cf") }, 'master\.cf: service sms does not run as tandem-pipe');
doubt('bounces from nobody', sub { system("sed -i 's/null_sender= //' $dir/etc/master.cf") }, 'master\.cf: service sms lacks null_sender=');
doubt('another service', sub { system('postconf', '-c', "$dir/etc", '-MX', 'sms/unix') }, 'master\.cf has no service sms');
doubt('our milter behind a filter', service("10025 inet n - n - - smtpd\n  -o content_filter=\n"), 'master\.cf: 10025/inet takes mail back from a content filter, and our');
doubt('tokens refused behind a filter', service("10025 inet n - n - - smtpd\n  -o content_filter= -o smtpd_milters=\n"),
	'master\.cf: 10025/inet takes mail back from a content filter, and refuses');
doubt('a listener with other milters', service("587 inet n - n - - smtpd\n  -o smtpd_milters=inet:localhost:1\n"), 'master\.cf: 587/inet does not name');
doubt('a listener that takes tokens', service("587 inet n - n - - smtpd\n  -o smtpd_milters= -o smtpd_recipient_restrictions=permit_mynetworks\n"),
	'587/inet does not refuse tandem\.invalid');

# -- what cannot be done
fresh('', "sms unix - n n - - pipe\n  user=nobody argv=/bin/cat\n");
($status, $out, $err) = postfix('--apply');
is $status, 1, 'a service sms of somebody else';
like $err, qr/service sms that does not run tandem-pipe/, 'is named';
ok same_as_before(), 'nothing is changed';
fresh("smtpd_restriction_classes = a\nsetgid_group = nonesuch\n");
($status, $out, $err) = postfix('--apply');
isnt $status, 0, 'Postfix does not like its configuration';
like $err, qr/nothing is changed: postfix check: .*mail log/, 'it says so, and where its words are';
ok same_as_before(), 'and everything is put back';
ok !-e "$dir/postfix.undo.json", 'with no record of it';
fresh();
is status_of('--apply'), 0, 'apply';
rename "$dir/queue", "$dir/elsewhere";
($status, $out, $err) = postfix('--undo');
is $status, 75, 'a queue that cannot be read may hold SMS: no undo';
like $err, qr/queue cannot be read to its end.*--force/, 'and says why';
rename "$dir/elsewhere", "$dir/queue";
chmod 0666, "$dir/postfix.undo.json";
($status, $out, $err) = postfix('--undo');
is $status, 1, 'a record that others may write is not followed';
like $err, qr/somebody else may have written it/, 'and says why';
is +(postfix('--apply', '--undo'))[0], 2, 'both: usage';
done_testing;
