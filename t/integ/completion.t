#!/usr/bin/perl
# bash completion: what the shell offers behind the words typed so far. No daemon is asked.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use Test::More;

my $build = $ENV{TANDEM_BUILD} || "$FindBin::Bin/../../build/release";
my $bin = $ENV{TANDEM_BIN} || "$build/bin";
plan skip_all => 'bash is not installed' if system('command -v bash >/dev/null 2>&1');

my $dir = tempdir(CLEANUP => 1);
mkdir "$dir/templates";

sub put
{
	open my $fh, '>', "$dir/$_[0]" or die "$dir/$_[0]: $!";
	print $fh $_[1];
	close $fh;
}

put('tandem.conf', <<'CONF');
config_version = 1;
sms_domain = "sms.example.com";
home_country = "US";
template_dir = "templates";
providers = ( { name = "main"; plugin = "file"; path = "/x"; }, { name = "spare"; plugin = "file"; path = "/x"; } );
routes = ( { prefix = ["+"]; providers = ["main", "spare"]; } );
categories = { hello = { class = "transactional"; }; offer = { class = "marketing"; }; };
CONF
put("templates/$_", "hello\n") for 'hello.sms', 'hello.ar.sms', 'offer.sms', 'README', '$(echo evil).sms';
put('complete.sh', <<'SH');
eval "$(tandem completion bash)" || exit 1
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_tandem
printf '%s\n' "${COMPREPLY[@]}"
SH

# The offers behind these words, the last one half typed, sorted.
sub offers
{
	my (@words) = @_;
	local $ENV{PATH} = "$bin:$ENV{PATH}";
	my $pid = open my $fh, '-|', 'bash', '-u', "$dir/complete.sh", 'tandem', '-c', "$dir/tandem.conf", @words or die $!;
	my %seen;
	return join ' ', grep { length && !$seen{$_}++ } sort map { chomp; $_ } <$fh>;
}

is system("$bin/tandem completion bash | bash -n"), 0, 'bash can read it';
my @all = split ' ', offers('');
for my $word (qw(status provider template job cancel cost postfix --json)) {
	ok scalar(grep { $_ eq $word } @all), "offered at the start: $word";
}
is scalar(grep { $_ eq 'provider' } @all), 1, 'a family of commands once';
is offers('prov'), 'provider', 'begun words';
is offers('provider', ''), 'drain list resume show suspend test', 'the commands of a family';
is offers('provider', 'su'), 'suspend', '… begun';
is offers('provider', 'show', ''), 'main spare', 'providers of the configuration';
is offers('provider', 'drain', 'main', '--'), '--help --json --wait', 'options';
is offers('template', 'preview', ''), 'hello offer', 'templates, each once, and nothing else of their folder';
is offers('send', '--class', 'm'), 'marketing', 'classes';
is offers('decide', '+15551234567', '--category', ''), 'hello offer', 'categories of the configuration';
is offers('decide', '+15551234567', '--channel', ''), 'email sms', 'channels';
is offers('config', 'show', '-'), '--help --json -n', 'a short option';
is offers('nonesuch', ''), '', 'an unknown command: nothing';
like offers('text', "$dir/tand"), qr/tandem\.conf/, 'files';
put('tandem.conf', 'no configuration');
is offers('provider', 'show', ''), '', 'a configuration that cannot be read: nothing, and no words of an error';
is offers('provider', 'sh'), 'show', 'and the rest still works';
my $installed = "$build/tandem.bash";
SKIP: {
	skip 'make install was not prepared here', 1 if !-f $installed;
	is `cat $installed`, `$bin/tandem completion bash`, 'the installed file is what the command prints';
}
done_testing;
