/*
 * wire_listen - socket files of a server, and accepting when there are no descriptors
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "local.h"
#include "server.h"
#include "sock.h"
#include "tap.h"

static void ignore_batch(void *arg, struct td_request *first)
{
}

static bool say_yes(void *arg, int role, uint32_t uid, int32_t pid)
{
	return true;
}

static bool permit(void *arg, int role, uint16_t verb)
{
	return true;
}

static const struct td_server_ops idle_ops = { .batch = ignore_batch, .allow = say_yes, .permits = permit };

static void test_socket_files(void)
{
	const char        *path = local_path("stored.files.sock"), *file = local_path("file");
	struct event_base *base = event_base_new();
	struct td_server  *server = td_server_new(base, &idle_ops, NULL);
	pid_t              other = local_serve(path, -1);
	struct td_err      err;
	struct stat        st;
	char               long_path[300];

	is_int(td_server_listen(server, path, 1, -1, -1, &err), TD_REFUSED, "a socket that is in use is not taken over");
	like(err.text, "is another tandem-stored running?", "and the error says what may be");
	local_kill(other);
	ok(stat(path, &st) == 0, "a server that is killed leaves its file");
	is_int(td_server_listen(server, path, 1, getuid(), getgid(), &err), TD_OK, "which the next one replaces");
	is_int(close(open(file, O_CREAT | O_WRONLY, 0600)), 0, "a file that is no socket");
	is_int(td_server_listen(server, file, 1, -1, -1, &err), TD_REFUSED, "is not replaced");
	ok(stat(file, &st) == 0 && S_ISREG(st.st_mode), "and still there");
	is_int(td_server_listen(server, local_path("no/such/dir"), 1, -1, -1, &err), TD_NOTFOUND,
		"a directory that does not exist");
	like(err.text, "no/such/dir", "is named");
	snprintf(long_path, sizeof long_path, "%s%0120d", local_path("x"), 0);
	is_int(td_server_listen(server, long_path, 1, -1, -1, &err), TD_BADINPUT, "a path too long for a socket");
	like(err.text, "shorter run_dir", "is explained");
	is_int(td_server_pending(server), 0, "nothing is pending");
	unlink(path);
	is_int(close(open(path, O_CREAT | O_WRONLY, 0600)), 0, "if the file is not ours any more");
	td_server_free(server);
	ok(stat(path, &st) == 0, "freeing the server leaves it alone");
	td_server_free(NULL);
	event_base_free(base);
}

static void count_trouble(void *arg, const struct td_conn *conn, const struct td_err *err)
{
	int *n = arg;

	if (conn)
		return;
	++*n;
	like(err->text, "cannot accept", "the log hears why nobody is accepted");
}

static void test_descriptors(void)
{
	static const struct td_server_ops ops = { .batch = ignore_batch, .allow = say_yes, .permits = permit,
		.trouble = count_trouble };
	const char        *path = local_path("full.sock");
	struct event_base *base = event_base_new();
	int                troubles = 0, fds[64], n = 0, peer, rounds = 0;
	struct td_server  *server = td_server_new(base, &ops, &troubles);
	struct rlimit      limit, low;
	struct td_err      err;
	char               byte;

	is_int(td_server_listen(server, path, 1, -1, -1, &err), TD_OK, "a server");
	peer = td_sock_connect(path);
	getrlimit(RLIMIT_NOFILE, &limit);
	low = (struct rlimit){ .rlim_cur = 40, .rlim_max = limit.rlim_max };
	setrlimit(RLIMIT_NOFILE, &low);
	while (n < 64 && (fds[n] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
		n++;
	ok(n > 0 && n < 64 && errno == EMFILE, "with no descriptor left");
	while (troubles == 0)
		event_base_loop(base, EVLOOP_ONCE);
	/* Accepting at once again would be an event in every iteration. */
	while (event_base_loop(base, EVLOOP_NONBLOCK) == 0 && rounds < 5)
		rounds++;
	is_int(troubles, 1, "does not spin on the connection it cannot accept");
	while (n > 0)
		close(fds[--n]);
	setrlimit(RLIMIT_NOFILE, &limit);
	if (write(peer, "\0\0\0\0", 4) != 4)
		fail("write");
	while (recv(peer, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN)
		event_base_loop(base, EVLOOP_ONCE);
	pass("and serves it when there are some again");
	close(peer);
	td_server_free(server);
	event_base_free(base);
}

int main(void)
{
	test_socket_files();
	test_descriptors();
	return done_testing();
}
