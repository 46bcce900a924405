#!/usr/bin/perl
# A full disk under the store: 451 and 75, never a lost message; with room again everything goes.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Sandbox;
use Test::More;

my $mounted;
my $box = Sandbox->up(
	conf => 'milter = { store_wait = "1s"; };',
	prepare => sub {
		my ($dir) = @_;
		mkdir "$dir/store" or die $!;
		$mounted = "$dir/store";
		Sandbox::plan_skip('a tmpfs cannot be mounted here') if system('mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', $mounted);
	});
END {
	if ($mounted && $box && $box->{pid} == $$) {
		my $status = $?;
		$box->run('down') if $box->{dir};
		system('umount', $mounted);
		$box->down;
		$? = $status;
	}
}

sub tagged { my ($number, $text) = @_; return $box->mail(head => ['X-Tandem-SMS' => $number, 'X-Tandem-Text' => $text, Subject => $text,
	'Message-ID' => "<$text\@shop>"]) }
like tagged('+15551100001', 'before'), qr/^250 /, 'with room: accepted';
is scalar(@{ [$box->wait_sms(1, '+15551100001')] }), 1, 'its SMS';

# -- accepted, then the disk fills before activation: the token waits in Postfix
$box->kill('smsd');
like tagged('+15551100002', 'between'), qr/^250 /, 'accepted with smsd down';
open my $filler, '>', "$mounted/filler" or die $!;
my $block = "\0" x 65536;
1 while syswrite $filler, $block;
1 while syswrite $filler, substr($block, 0, 512);
close $filler;
$box->start('smsd');
my $reply = tagged('+15551100003', 'full');
for (1 .. 200) { # what WAL space was left over may take a few
	last if $reply !~ /^250/;
	$reply = tagged('+15551100003', "full $_");
}
like $reply, qr/^451 4\.\d\.\d /, 'disk full: a tagged mail is deferred';
like $box->mail(head => [Subject => 'untagged']), qr/^250 /, 'untagged mail passes';
my ($status) = $box->tandem('consent', 'out', '+15551100009', '--channel', 'sms');
is $status, 75, 'a revoke is not acknowledged: try later';

# -- room again
unlink "$mounted/filler";
ok $box->wait_for(sub { tagged('+15551100004', 'after') =~ /^250/ }), 'room again: accepted, without a restart';
is scalar(@{ [$box->wait_sms(1, '+15551100004')] }), 1, 'its SMS';
is scalar(@{ [$box->wait_sms(1, '+15551100002')] }), 1, 'the one that waited in Postfix too';
($status) = $box->tandem('consent', 'out', '+15551100009', '--channel', 'sms');
is $status, 0, 'and a revoke is taken';
ok $box->wait_queue_empty, 'the queue empties';

done_testing;
