// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ssh.c - one ssh connection to a guest
 *
 * DOC: living with libssh2
 *
 * The session is non-blocking throughout. A step (handshake, login, opening a channel ..) is called
 * again until it no longer says EAGAIN; between the calls there is a wait for the socket, QEMU's
 * end and the deadline. Reading and writing go through callbacks of ours, for four reasons:
 *
 * - At the end of the connection libssh2 throws away what it has queued for the channels. The
 * callback says EAGAIN instead and remembers the end, so all output that came is delivered first.
 * - Some of its loops go on for as long as there is something to read: past the limit the callback
 *   has nothing to give.
 * - A step that is given up in the middle leaks; once @dead, the callbacks fail, and one more call
 * lets libssh2 clean up after itself.
 * - For the same reason libssh2_session_free() never has to wait.
 */
#include "harness/vm/ssh.h"

#include <errno.h>
#include <libssh2.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"

#define READ_SIZE 32768
#define WINDOW	  (2U << 20)
#define QEMU_MS	  500 /* at the most between the end of a dying QEMU's sockets and its own */

/** struct step - Arguments and result of one libssh2 call that may have to be repeated */
struct step {
	LIBSSH2_CHANNEL *channel;
	const char *data;
	size_t len;
};

typedef int step_fn(struct ssh *s, struct step *step);

static bool ssh_fail(struct ssh *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool lose(struct ssh *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* After a recv() that gave @n bytes: is that the end? */
static void note_end(struct ssh *s, ssize_t n)
{
	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	s->eof = true;
	s->broken = n ? errno : 0;
}

static ssize_t on_recv(libssh2_socket_t fd, void *data, size_t len, int flags, void **abstract)
{
	struct ssh *s = *abstract;
	ssize_t n;

	if (s->dead)
		return -ECONNRESET;
	if (s->eof || deadline_passed(s->limit))
		return -EAGAIN;
	n = recv(fd, data, len, flags);
	note_end(s, n);
	if (n <= 0)
		return -EAGAIN;
	s->received += (uint64_t)n;
	return n;
}

static ssize_t on_send(libssh2_socket_t fd, const void *data, size_t len, int flags,
		       void **abstract)
{
	struct ssh *s = *abstract;
	ssize_t n;

	if (s->dead)
		return -EPIPE;
	n = send(fd, data, len, flags | MSG_NOSIGNAL);
	if (n >= 0)
		return n;
	/* A broken connection: what cannot be sent is as lost as what was sent. on_recv() finds the
	 * end behind the last bytes that the guest sent. */
	return errno == EAGAIN || errno == EINTR ? -EAGAIN : (ssize_t)len;
}

void ssh_doing(struct ssh *s, const char *fmt, ...)
{
	va_list ap;

	buf_clear(s->error);
	buf_clear(&s->doing);
	s->start_ns = now_ns();
	va_start(ap, fmt);
	buf_vaddf(&s->doing, fmt, ap);
	va_end(ap);
}

/* Set the error; false. */
static bool ssh_fail(struct ssh *s, const char *fmt, ...)
{
	va_list ap;

	buf_clear(s->error);
	va_start(ap, fmt);
	buf_vaddf(s->error, fmt, ap);
	va_end(ap);
	return false;
}

/* The connection is of no more use, because of what is said here and " during .."; false. */
static bool lose(struct ssh *s, const char *fmt, ...)
{
	va_list ap;

	if (s->dead)
		return ssh_fail(s, "%s", s->why.data);
	s->dead = true;
	buf_clear(&s->why);
	va_start(ap, fmt);
	buf_vaddf(&s->why, fmt, ap);
	va_end(ap);
	if (s->doing.len)
		buf_addf(&s->why, " during %s", s->doing.data);
	return ssh_fail(s, "%s", s->why.data);
}

/* libssh2 failed. */
static bool lose_ssh(struct ssh *s, int rc)
{
	char *text = NULL;

	if (rc == LIBSSH2_ERROR_SOCKET_DISCONNECT)
		return lose(s, "the guest closed the connection");
	libssh2_session_last_error(s->session, &text, NULL, 0);
	return lose(s, "ssh error %d (%s)", rc, text && *text ? text : "no reason given");
}

/* The socket came to its end: say whose end it was. */
static bool lose_at_end(struct ssh *s)
{
	if (s->ended_fd >= 0 && io_wait(s->ended_fd, POLLIN, deadline_in(QEMU_MS)))
		return lose(s, "QEMU ended");
	if (s->broken)
		return lose(s, "the connection to the guest broke (%s)", strerror(s->broken));
	return lose(s, "the guest closed the connection");
}

static bool timed_out(struct ssh *s)
{
	return ssh_fail(s, "timeout after %.2f s during %s", (double)(now_ns() - s->start_ns) / 1e9,
			s->doing.data);
}

bool ssh_wait(struct ssh *s, int also, struct deadline d)
{
	short out = 0;
	struct pollfd fds[3];

	if (s->eof)
		return lose_at_end(s);
	if (s->session &&
	    libssh2_session_block_directions(s->session) & LIBSSH2_SESSION_BLOCK_OUTBOUND)
		out = POLLOUT;
	fds[0] = (struct pollfd){.fd = s->fd, .events = POLLIN | out};
	fds[1] = (struct pollfd){.fd = s->ended_fd, .events = POLLIN};
	fds[2] = (struct pollfd){.fd = also, .events = POLLIN};
	/* Not left to poll(): past the deadline the callbacks leave in the socket what is there. */
	if (deadline_passed(d) || !io_poll(fds, 3, d))
		return timed_out(s);
	if (fds[1].revents && !fds[0].revents && !fds[2].revents)
		return lose(s, "QEMU ended");
	return true;
}

/*
 * Repeat a step until it is through. A step that cannot be finished cannot be left alone either, so
 * when the wait for it fails the connection is lost, and one more call lets libssh2 clean up.
 */
static bool steps(struct ssh *s, step_fn *fn, struct step *step, struct deadline d)
{
	bool waited = true;
	int rc;

	s->limit = d;
	while ((rc = fn(s, step)) == LIBSSH2_ERROR_EAGAIN && waited) {
		waited = ssh_wait(s, -1, d);
		if (!waited && !s->dead) {
			s->dead = true;
			buf_clear(&s->why);
			buf_addstr(&s->why, s->error->data);
		}
	}
	if (rc && !s->dead)
		lose_ssh(s, rc);
	return rc == 0 && !s->dead;
}

void ssh_init(struct ssh *s, struct buf *error)
{
	int rc = libssh2_init(0);

	if (rc)
		die("libssh2_init: error %d", rc);
	*s = (struct ssh){.fd = -1, .ended_fd = -1, .error = error};
	buf_init(&s->why);
	buf_init(&s->doing);
}

/* Close the connection at once. */
static void ssh_drop(struct ssh *s)
{
	s->dead = true;
	if (s->session && libssh2_session_free(s->session))
		warn("libssh2_session_free failed: memory is lost");
	s->session = NULL;
	io_close(&s->fd);
}

void ssh_release(struct ssh *s)
{
	ssh_drop(s);
	buf_release(&s->why);
	buf_release(&s->doing);
	libssh2_exit();
}

bool ssh_check_end(struct ssh *s, bool any)
{
	char byte;

	if (!any && !s->eof)
		note_end(s, recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT));
	return !s->eof || lose_at_end(s);
}

static bool connect_socket(struct ssh *s, int port, struct deadline d)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int one = 1, error = 0;
	socklen_t len = sizeof(error);

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0 || setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0)
		die_errno("unable to make a socket");
	if (connect(s->fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		error = errno;
		if (error == EINPROGRESS) {
			if (!io_wait(s->fd, POLLOUT, d))
				return timed_out(s);
			if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
				die_errno("getsockopt SO_ERROR");
		}
	}
	return !error ||
	       ssh_fail(s, "unable to connect to 127.0.0.1:%d: %s", port, strerror(error));
}

/* libssh2 skips lines until one is a banner, for ever if need be: look at what comes first. */
static bool check_banner(struct ssh *s, struct deadline d)
{
	struct buf text = BUF_INIT;
	char start[16];
	ssize_t n;
	bool ok;

	do {
		if (!ssh_wait(s, -1, d))
			return false;
		n = recv(s->fd, start, sizeof(start), MSG_PEEK | MSG_DONTWAIT);
		note_end(s, n);
	} while (n <= 0);
	ok = memcmp(start, "SSH-", n < 4 ? (size_t)n : 4) == 0;
	if (!ok) {
		text_hex(&text, start, (size_t)n, sizeof(start));
		ssh_fail(s, "what answers is not an ssh server: its first bytes are %s", text.data);
	}
	buf_release(&text);
	return ok;
}

/* Offer one method of each kind: the cheapest for an emulated guest that both sides have. */
static void prepare_session(struct ssh *s)
{
	static const struct {
		int kind;
		const char *method;
	} prefs[] = {
		{LIBSSH2_METHOD_KEX, "curve25519-sha256"}, {LIBSSH2_METHOD_HOSTKEY, "ssh-ed25519"},
		{LIBSSH2_METHOD_CRYPT_CS, "aes128-ctr"},   {LIBSSH2_METHOD_CRYPT_SC, "aes128-ctr"},
		{LIBSSH2_METHOD_MAC_CS, "hmac-sha2-256"},  {LIBSSH2_METHOD_MAC_SC, "hmac-sha2-256"},
	};

	s->session = libssh2_session_init_ex(NULL, NULL, NULL, s);
	if (!s->session)
		die("libssh2_session_init_ex failed");
	libssh2_session_set_blocking(s->session, 0);
#if LIBSSH2_VERSION_NUM >= 0x010b01
	libssh2_session_callback_set2(s->session, LIBSSH2_CALLBACK_RECV,
				      (libssh2_cb_generic *)on_recv);
	libssh2_session_callback_set2(s->session, LIBSSH2_CALLBACK_SEND,
				      (libssh2_cb_generic *)on_send);
#else
	libssh2_session_callback_set(s->session, LIBSSH2_CALLBACK_RECV, (void *)on_recv);
	libssh2_session_callback_set(s->session, LIBSSH2_CALLBACK_SEND, (void *)on_send);
#endif
	for (size_t i = 0; i < sizeof(prefs) / sizeof(*prefs); i++)
		if (libssh2_session_method_pref(s->session, prefs[i].kind, prefs[i].method))
			die("this libssh2 lacks %s", prefs[i].method);
}

static int step_handshake(struct ssh *s, struct step *step)
{
	(void)step;
	return libssh2_session_handshake(s->session, s->fd);
}

static int step_login(struct ssh *s, struct step *step)
{
	return libssh2_userauth_publickey_frommemory(s->session, "root", 4, NULL, 0, step->data,
						     step->len, NULL);
}

static bool handshake_and_login(struct ssh *s, const struct buf *key, const struct buf *host_key,
				struct deadline d)
{
	struct step login = {.data = key->data, .len = key->len};
	const char *blob;
	size_t len;
	int type;

	ssh_doing(s, "the ssh handshake");
	if (!check_banner(s, d))
		return false;
	prepare_session(s);
	if (!steps(s, step_handshake, NULL, d))
		return false;
	blob = libssh2_session_hostkey(s->session, &len, &type);
	if (!blob || len != host_key->len || memcmp(blob, host_key->data, len) != 0)
		return ssh_fail(s, "the host key is not the guest's: another machine answers");
	ssh_doing(s, "the ssh login");
	return steps(s, step_login, &login, d);
}

bool ssh_connect(struct ssh *s, int port, const struct buf *key, const struct buf *host_key,
		 int ended_fd, struct deadline d)
{
	bool ok;

	ssh_drop(s);
	s->ended_fd = ended_fd;
	s->dead = s->eof = false;
	ssh_doing(s, "the connection to 127.0.0.1:%d", port);
	ok = connect_socket(s, port, d) && handshake_and_login(s, key, host_key, d);
	if (!ok)
		ssh_drop(s);
	return ok;
}

static int step_open(struct ssh *s, struct step *step)
{
	step->channel =
		libssh2_channel_open_ex(s->session, "session", 7, WINDOW, READ_SIZE, NULL, 0);
	return step->channel ? 0 : libssh2_session_last_errno(s->session);
}

static int step_exec(struct ssh *s, struct step *step)
{
	(void)s;
	return libssh2_channel_process_startup(step->channel, "exec", 4, step->data,
					       (unsigned)step->len);
}

LIBSSH2_CHANNEL *ssh_start(struct ssh *s, const char *line, struct deadline d)
{
	struct step exec = {.data = line, .len = strlen(line)};

	/* A channel whose command did not start goes with the connection. */
	return steps(s, step_open, &exec, d) && steps(s, step_exec, &exec, d) ? exec.channel : NULL;
}

/* Read one stream of a channel: 0, or libssh2's error. */
static int read_stream(LIBSSH2_CHANNEL *channel, int stream, struct buf *b, size_t max)
{
	ssize_t n = 1;

	while (n > 0 && b->len < max) {
		n = libssh2_channel_read_ex(channel, stream, buf_reserve(b, READ_SIZE), READ_SIZE);
		if (n > 0)
			b->len += (size_t)n;
		b->data[b->len] = '\0';
	}
	return n >= 0 || n == LIBSSH2_ERROR_EAGAIN ? 0 : (int)n;
}

bool ssh_read(struct ssh *s, LIBSSH2_CHANNEL *channel, struct buf *out, struct buf *err, size_t max)
{
	int rc = read_stream(channel, 0, out, max);

	if (!rc)
		rc = read_stream(channel, SSH_EXTENDED_DATA_STDERR, err, max);
	return !rc || lose_ssh(s, rc);
}

ssize_t ssh_write(struct ssh *s, LIBSSH2_CHANNEL *channel, const void *data, size_t len)
{
	ssize_t n = libssh2_channel_write(channel, data, len);

	if (n >= 0 || n == LIBSSH2_ERROR_EAGAIN)
		return n < 0 ? 0 : n;
	lose_ssh(s, (int)n);
	return -1;
}

bool ssh_write_is_stuck(struct ssh *s)
{
	return libssh2_session_block_directions(s->session) & LIBSSH2_SESSION_BLOCK_OUTBOUND;
}

bool ssh_ended(struct ssh *s, LIBSSH2_CHANNEL *channel, int *status, char **signal)
{
	char *name = NULL;
	int n = SIGRTMAX;

	if (libssh2_channel_eof(channel) != 1 || libssh2_channel_wait_closed(channel) != 0)
		return false;
	*status = libssh2_channel_get_exit_status(channel);
	*signal = NULL;
	if (libssh2_channel_get_exit_signal(channel, &name, NULL, NULL, NULL, NULL, NULL) || !name)
		return true;
	while (n > 0 && (!sigabbrev_np(n) || strcmp(sigabbrev_np(n), name) != 0))
		n--;
	*status = 128 + n;
	*signal = xstrdup(name);
	libssh2_free(s->session, name);
	return true;
}

bool ssh_let_go(LIBSSH2_CHANNEL *channel)
{
	return libssh2_channel_free(channel) != LIBSSH2_ERROR_EAGAIN;
}
