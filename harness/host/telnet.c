// SPDX-License-Identifier: GPL-2.0-or-later
/* telnet.c - the telnet protocol on a host end */
#include "harness/host/telnet.h"

#include <string.h>

#include <libtelnet.h>

#include "harness/base/die.h"

static const char *option_verb(telnet_event_type_t type)
{
	switch (type) {
	case TELNET_EV_WILL:
		return "WILL";
	case TELNET_EV_WONT:
		return "WONT";
	case TELNET_EV_DO:
		return "DO";
	default:
		return "DONT";
	}
}

static void deliver(struct telnet *t, const char *data, size_t len)
{
	if (chr_write_all(t->chr, data, len, t->deadline) != len && !t->error.len)
		buf_addstr(&t->error, "the other end does not take what is sent to it");
}

static void take_event(telnet_t *lib, telnet_event_t *event, void *arg)
{
	struct telnet *t = arg;

	(void)lib;
	switch (event->type) {
	case TELNET_EV_DATA:
		buf_add(&t->text, event->data.buffer, event->data.size);
		break;
	case TELNET_EV_SEND:
		deliver(t, event->data.buffer, event->data.size);
		break;
	case TELNET_EV_WILL:
	case TELNET_EV_WONT:
	case TELNET_EV_DO:
	case TELNET_EV_DONT:
		buf_addf(&t->asked, "%s%s %d", t->asked.len ? " " : "", option_verb(event->type),
			 event->neg.telopt);
		break;
	case TELNET_EV_WARNING:
	case TELNET_EV_ERROR:
		buf_addf(&t->error, "%s%s", t->error.len ? "; " : "", event->error.msg);
		break;
	default: /* other commands and sub-negotiations mean nothing to us */
		break;
	}
}

void telnet_begin(struct telnet *t, struct chr *chr)
{
	/* What QEMU wants, and nothing else: chardev/char-socket.c tcp_chr_telnet_init(). */
	static const telnet_telopt_t agreed[] = {{TELNET_TELOPT_BINARY, TELNET_WILL, TELNET_DO},
						 {TELNET_TELOPT_ECHO, TELNET_WONT, TELNET_DO},
						 {TELNET_TELOPT_SGA, TELNET_WONT, TELNET_DO},
						 {-1, 0, 0}};

	*t = (struct telnet){.chr = chr, .text = BUF_INIT, .asked = BUF_INIT, .error = BUF_INIT};
	t->lib = telnet_init(agreed, take_event, 0, t);
	if (!t->lib)
		die("libtelnet: no memory");
}

void telnet_end(struct telnet *t)
{
	telnet_free(t->lib);
	t->lib = NULL;
	buf_release(&t->text);
	buf_release(&t->asked);
	buf_release(&t->error);
}

bool telnet_type(struct telnet *t, const void *data, size_t len, struct deadline d)
{
	t->deadline = d;
	telnet_send(t->lib, data, len);
	return !t->error.len;
}

bool telnet_break(struct telnet *t, struct deadline d)
{
	t->deadline = d;
	telnet_iac(t->lib, TELNET_BREAK);
	return !t->error.len;
}

bool telnet_await(struct telnet *t, const char *word, struct deadline d)
{
	char block[4096];

	t->deadline = d;
	while (!memmem(t->text.data, t->text.len, word, strlen(word))) {
		ssize_t n = chr_read(t->chr, block, sizeof(block), d);

		if (n <= 0)
			return false;
		telnet_recv(t->lib, block, (size_t)n);
		if (t->error.len)
			return false;
	}
	return true;
}
