/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent.c - verb: a SPICE guest agent that does as it is told, and tells what comes.
 *
 * The protocol is that of spice-protocol's vd_agent.h. Messages come in chunks: VDIChunkHeader
 * (port, size), at most VD_AGENT_MAX_DATA_SIZE bytes of a message each; what is for different ports
 * may alternate. All numbers are little endian, as this machine is.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"

#define CHUNK_MAX      2048 /* VD_AGENT_MAX_DATA_SIZE */
#define MESSAGE_MAX    (1U << 20)
#define PROTOCOL       1 /* VD_AGENT_PROTOCOL */
#define SELECTION      0 /* VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD */
#define UTF8_TEXT      1 /* VD_AGENT_CLIPBOARD_UTF8_TEXT */
#define LINE_MAX_LEN   256
#define TEXT_LINES_MAX 10000
#define CAP(n)	       (1U << (n))
#define CAP_MOUSE      CAP(0)
#define CAP_MONITORS   CAP(1)
#define CAP_BY_DEMAND  CAP(5)
#define CAP_SELECTION  CAP(6)

enum port { PORT_CLIENT = 1, PORT_SERVER = 2, N_PORTS = 3 };

enum type {
	MOUSE_STATE = 1,
	MONITORS_CONFIG = 2,
	CLIPBOARD = 4,
	ANNOUNCE_CAPABILITIES = 6,
	CLIPBOARD_GRAB = 7,
	CLIPBOARD_REQUEST = 8,
	CLIPBOARD_RELEASE = 9,
};

/* VDIChunkHeader */
struct chunk {
	uint32_t port, size;
} __attribute__((packed));

/* VDAgentMessage */
struct message {
	uint32_t protocol, type;
	uint64_t opaque;
	uint32_t size;
} __attribute__((packed));

/* VDAgentMouseState */
struct mouse_state {
	uint32_t x, y, buttons;
	uint8_t display;
} __attribute__((packed));

/* VDAgentMonitorsConfig with its first VDAgentMonConfig */
struct monitors {
	uint32_t n, flags, height, width;
} __attribute__((packed));

/**
 * struct incoming - what came for one port
 * @data: the message so far
 * @len: its length
 */
struct incoming {
	uint8_t data[MESSAGE_MAX];
	size_t len;
};

/**
 * struct agent - the agent
 * @fd: the port
 * @in: bytes read that do not make a chunk yet
 * @n_in: how many
 * @ports: messages under way
 * @text: what it offers on the clipboard
 * @text_len: of @text
 * @n_mouse, @n_caps, @n_answers, @n_grabs, @n_texts, @n_requests, @n_monitors: so many came
 */
struct agent {
	int fd;
	uint8_t in[sizeof(struct chunk) + CHUNK_MAX];
	size_t n_in;
	struct incoming ports[N_PORTS];
	char *text;
	size_t text_len;
	unsigned int n_mouse, n_caps, n_answers, n_grabs, n_texts, n_requests, n_monitors;
};

/* One message of @type: @head, then @body, in as many chunks as it takes. */
static void say(struct agent *a, uint32_t type, const void *head, size_t head_len, const void *body,
		size_t body_len)
{
	struct message m = {PROTOCOL, type, 0, (uint32_t)(head_len + body_len)};
	size_t total = sizeof(m) + head_len + body_len;
	uint8_t *all = must_alloc(total);

	memcpy(all, &m, sizeof(m));
	memcpy(all + sizeof(m), head, head_len);
	if (body_len)
		memcpy(all + sizeof(m) + head_len, body, body_len);
	for (size_t at = 0; at < total;) {
		struct chunk c = {PORT_CLIENT, CHUNK_MAX};
		uint8_t out[sizeof(c) + CHUNK_MAX];

		if (total - at < c.size)
			c.size = (uint32_t)(total - at);
		memcpy(out, &c, sizeof(c));
		memcpy(out + sizeof(c), all + at, c.size);
		if (!write_all(a->fd, out, sizeof(c) + c.size))
			tap_bail("writing to the port: %s", errno_name(errno));
		at += c.size;
	}
	free(all);
}

/* The first of two chunks of a message; the other does not come. */
static void say_half(struct agent *a)
{
	const struct message m = {PROTOCOL, CLIPBOARD, 0, CHUNK_MAX};
	const struct chunk c = {PORT_CLIENT, CHUNK_MAX};
	uint8_t out[sizeof(c) + CHUNK_MAX] = {0};

	memcpy(out, &c, sizeof(c));
	memcpy(out + sizeof(c), &m, sizeof(m));
	if (!write_all(a->fd, out, sizeof(out)))
		tap_bail("writing to the port: %s", errno_name(errno));
}

/* VDAgentAnnounceCapabilities. @more: capabilities beside our own; @request: the peer is to
 * announce its own */
static void announce(struct agent *a, uint32_t more, bool request)
{
	const uint32_t words[2] = {request,
				   CAP_MOUSE | CAP_MONITORS | CAP_BY_DEMAND | CAP_SELECTION | more};

	say(a, ANNOUNCE_CAPABILITIES, words, sizeof(words), NULL, 0);
}

/* VDAgentClipboardGrab, VDAgentClipboardRequest, and the front of VDAgentClipboard: each is a
 * selection and a type, since both ends have the capability CLIPBOARD_SELECTION. */
static void say_clipboard(struct agent *a, uint32_t type, const void *body, size_t len)
{
	const uint32_t words[2] = {SELECTION, UTF8_TEXT};

	say(a, type, words, sizeof(words), body, len);
}

static void got_text(struct agent *a, const uint8_t *text, size_t len)
{
	struct crc crc = {.len = 0};

	crc_add(&crc, text, len);
	tap_diag("text-%u %zu %u", ++a->n_texts, len, crc_value(&crc));
}

/* A clipboard message: selection and type first. */
static void got_clipboard(struct agent *a, uint32_t type, const uint8_t *data, size_t len)
{
	uint32_t words[2] = {0};

	if (len < sizeof(words)) {
		tap_ok(false, "a clipboard message (type %u) of %zu bytes", type, len);
		return;
	}
	memcpy(words, data, sizeof(words));
	if ((words[0] & 0xff) != SELECTION || words[1] != UTF8_TEXT) {
		tap_ok(false, "a clipboard message (type %u) for selection %u, type %u", type,
		       words[0] & 0xff, words[1]);
		return;
	}
	if (type == CLIPBOARD_GRAB) {
		tap_diag("grab-%u", ++a->n_grabs);
		say_clipboard(a, CLIPBOARD_REQUEST, NULL, 0);
	} else if (type == CLIPBOARD_REQUEST) {
		tap_diag("request-%u", ++a->n_requests);
		say_clipboard(a, CLIPBOARD, a->text, a->text_len);
	} else {
		got_text(a, data + sizeof(words), len - sizeof(words));
	}
}

static void got_mouse(struct agent *a, const uint8_t *data, size_t len)
{
	struct mouse_state m;

	if (len != sizeof(m)) {
		tap_ok(false, "a mouse state of %zu bytes", len);
		return;
	}
	memcpy(&m, data, sizeof(m));
	tap_diag("mouse-%u %u %u %u", ++a->n_mouse, m.x, m.y, m.buttons);
}

static void got_monitors(struct agent *a, const uint8_t *data, size_t len)
{
	struct monitors m;

	if (len < sizeof(m)) {
		tap_ok(false, "a monitors config of %zu bytes", len);
		return;
	}
	memcpy(&m, data, sizeof(m));
	tap_diag("monitors-%u %u %ux%u", ++a->n_monitors, m.n, m.width, m.height);
}

static void got_caps(struct agent *a, const uint8_t *data, size_t len)
{
	uint32_t words[2];

	if (len < sizeof(words)) {
		tap_ok(false, "an announcement of capabilities of %zu bytes", len);
		return;
	}
	memcpy(words, data, sizeof(words));
	if (!words[0]) {
		tap_diag("answer-%u %#x", ++a->n_answers, words[1]);
		return;
	}
	tap_diag("caps-%u %#x", ++a->n_caps, words[1]);
	announce(a, 0, false);
}

static void got_message(struct agent *a, const struct message *m, const uint8_t *data)
{
	switch (m->type) {
	case MOUSE_STATE:
		got_mouse(a, data, m->size);
		break;
	case MONITORS_CONFIG:
		got_monitors(a, data, m->size);
		break;
	case ANNOUNCE_CAPABILITIES:
		got_caps(a, data, m->size);
		break;
	case CLIPBOARD:
	case CLIPBOARD_GRAB:
	case CLIPBOARD_REQUEST:
		got_clipboard(a, m->type, data, m->size);
		break;
	case CLIPBOARD_RELEASE:
		tap_diag("release");
		break;
	default: /* what the other end is free to send, and we do not want */
		tap_diag("message of type %u, %u bytes", m->type, m->size);
	}
}

/* @len bytes of a message for port @p came. */
static void got_chunk(struct agent *a, struct incoming *p, const uint8_t *data, size_t len)
{
	struct message m;

	if (p->len + len > sizeof(p->data))
		tap_bail("a message of more than %zu bytes", sizeof(p->data));
	memcpy(p->data + p->len, data, len);
	p->len += len;
	if (p->len < sizeof(m))
		return;
	memcpy(&m, p->data, sizeof(m));
	if (m.protocol != PROTOCOL || m.size > sizeof(p->data) - sizeof(m))
		tap_bail("a message of protocol %u, type %u, %u bytes", m.protocol, m.type, m.size);
	if (p->len < sizeof(m) + m.size)
		return;
	/* The next message begins in a chunk of its own. */
	if (p->len > sizeof(m) + m.size)
		tap_bail("%zu bytes behind a message", p->len - sizeof(m) - m.size);
	p->len = 0;
	got_message(a, &m, p->data + sizeof(m));
}

/* Take the bytes that are there, and every chunk that is whole. */
static void take_port(struct agent *a)
{
	ssize_t n = read(a->fd, a->in + a->n_in, sizeof(a->in) - a->n_in);
	struct chunk c;

	if (n <= 0)
		tap_bail("reading from the port: %s", n ? errno_name(errno) : "end of file");
	a->n_in += (size_t)n;
	while (a->n_in >= sizeof(c)) {
		memcpy(&c, a->in, sizeof(c));
		if (c.port < PORT_CLIENT || c.port >= N_PORTS || !c.size || c.size > CHUNK_MAX)
			tap_bail("a chunk for port %u of %u bytes", c.port, c.size);
		if (a->n_in < sizeof(c) + c.size)
			return;
		got_chunk(a, &a->ports[c.port], a->in + sizeof(c), c.size);
		a->n_in -= sizeof(c) + c.size;
		memmove(a->in, a->in + sizeof(c) + c.size, a->n_in);
	}
}

/* Offer @lines lines of text, numbered, with characters of one, two and three bytes. */
static void offer(struct agent *a, const char *word, unsigned long lines)
{
	size_t size = lines * (strlen(word) + 32) + 1;

	free(a->text);
	a->text = must_alloc(size);
	a->text_len = 0;
	for (unsigned long i = 0; i < lines; i++)
		a->text_len += (size_t)snprintf(a->text + a->text_len, size - a->text_len,
						"%s %06lu: 5 \xe2\x82\xac f\xc3\xbcr\n", word, i);
	say_clipboard(a, CLIPBOARD_GRAB, NULL, 0);
}

/* A command: "ask", "half", "request", "caps HEX", "offer WORD LINES", "quit". False: the last one. */
static bool obey(struct agent *a, char *line)
{
	char word[32];
	unsigned int caps;
	unsigned long lines;

	if (!strcmp(line, "quit"))
		return false;
	if (!strcmp(line, "ask"))
		announce(a, 0, true);
	else if (!strcmp(line, "half"))
		say_half(a);
	else if (!strcmp(line, "request"))
		say_clipboard(a, CLIPBOARD_REQUEST, NULL, 0);
	else if (sscanf(line, "caps %x", &caps) == 1)
		announce(a, caps, false);
	else if (sscanf(line, "offer %31s %lu", word, &lines) == 2 && lines <= TEXT_LINES_MAX)
		offer(a, word, lines);
	else
		tap_bail("no such command: %s", line);
	return true;
}

/* What came on standard input; false once it was told to quit. */
static bool take_commands(struct agent *a, char *line, size_t size, size_t *len)
{
	char *end;
	ssize_t n = read(STDIN_FILENO, line + *len, size - 1 - *len);

	if (n <= 0)
		tap_bail("standard input was closed");
	*len += (size_t)n;
	line[*len] = '\0';
	while ((end = strchr(line, '\n'))) {
		*end = '\0';
		if (!obey(a, line))
			return false;
		*len -= (size_t)(end + 1 - line);
		memmove(line, end + 1, *len + 1);
	}
	if (*len == size - 1)
		tap_bail("a command of more than %zu bytes", size);
	return true;
}

static void serve(struct agent *a)
{
	struct pollfd pfd[2] = {{.fd = a->fd, .events = POLLIN},
				{.fd = STDIN_FILENO, .events = POLLIN}};
	char line[LINE_MAX_LEN];
	size_t len = 0;

	announce(a, 0, true);
	for (;;) {
		if (poll(pfd, 2, -1) < 0)
			tap_bail("poll: %s", errno_name(errno));
		if (pfd[0].revents)
			take_port(a);
		if (pfd[1].revents && !take_commands(a, line, sizeof(line), &len))
			return;
	}
}

/**
 * verb_agent() - agent NODE
 *
 * Waits until the host is there ("# connected"), announces mouse states, monitors and the clipboard
 * by demand and with selections, and says what comes: "# caps-N HEX" (and that it has been asked for
 * its own), "# answer-N HEX" (when it asked), "# mouse-N X Y BUTTONS",
 * "# monitors-N HOW-MANY WIDTHxHEIGHT", "# grab-N" (it asks for the text), "# text-N BYTES CKSUM",
 * "# request-N" (it gives its own), N from 1. On stdin it is told "offer WORD LINES" (take the
 * clipboard, with so many lines of text), "caps HEX" (announce capabilities, these beside its own),
 * "ask" (announce, and ask for the host's), "half" (begin a message, and never end it),
 * "request" (ask for the clipboard's text, unasked), "quit".
 */
int verb_agent(char **argv)
{
	const struct node_opts opts = {.await_host = true};
	struct agent *a = must_alloc(sizeof(*a));
	const char *path;

	opt_parse(NULL, 0, argv, &path, 1, 1);
	memset(a, 0, sizeof(*a));
	tap_begin();
	a->fd = node_open(path, O_RDWR, &opts);
	if (a->fd >= 0) {
		serve(a);
		node_close(a->fd, path);
	}
	free(a->text);
	free(a);
	return tap_done();
}
