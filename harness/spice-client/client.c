// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * client.c - a SPICE client without a window: does what it is told on stdin, tells what comes
 *
 * A program of its own, because spice-client-glib lives in GLib's main loop and threads; the
 * suite's side of it is harness/host/spice.c.
 *
 * Told: "offer HEX" (take the clipboard, with this text), "position X Y", "press" and
 * "release" (the left button), "monitors WIDTH HEIGHT", "port HEX" (bytes for the port that is
 * there), "break" (on it).
 * Tells: "main-up", "inputs-up", "agent up|down", "caps-N HEX" (the agent has others than before), "mouse-mode
 * client|server", "grab-N" (the guest has taken the clipboard; it is asked for the text), "text-N
 * HEX", "request-N" (the guest was given ours), "refused-N" (the library does not pass our text on,
 * since the agent cannot take it), "port-up NAME" (a port is there), "port-N open|closed" (the
 * guest's end of it), "data-N HEX" (what came from it), "error WHAT" and the end.
 */
#include <spice-client.h>
#include <spice/vd_agent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EXIT_TROUBLE 2
#define EXIT_BAD_USE 64

/**
 * struct client - The client
 * @main, @inputs, @port: channels; NULL while they are not open
 * @text:	what we offer on the clipboard
 * @line:	a command that is still coming
 * @caps, @grabs, @texts, @requests, @refused, @opens, @data: so many of them were told
 * @last_caps:	the agent's capabilities
 */
struct client {
	SpiceSession *session;
	SpiceMainChannel *main;
	SpiceInputsChannel *inputs;
	SpicePortChannel *port;
	GByteArray *text;
	GString *line;
	unsigned caps, grabs, texts, requests, refused, opens, data;
	unsigned last_caps;
};

/* One line to the suite; without it there is no use in us. */
static void tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void tell(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	if (fflush(stdout) != 0)
		_exit(EXIT_TROUBLE);
}

static void G_GNUC_NORETURN trouble(const char *what)
{
	tell("error %s", what);
	_exit(EXIT_TROUBLE);
}

static unsigned hex_value(char c)
{
	if (!g_ascii_isxdigit(c))
		trouble("the text is not hexadecimal");
	return (unsigned)g_ascii_xdigit_value(c);
}

/* Hexadecimal to bytes, and back; the caller's to free. */
static GByteArray *bytes_of(const char *hex)
{
	GByteArray *bytes = g_byte_array_new();

	for (; *hex; hex += 2) {
		guint8 byte = (guint8)(hex_value(hex[0]) << 4 | hex_value(hex[1]));

		g_byte_array_append(bytes, &byte, 1);
	}
	return bytes;
}

static GString *hex_of(const guint8 *data, guint size)
{
	GString *hex = g_string_new(NULL);

	for (guint i = 0; i < size; i++)
		g_string_append_printf(hex, "%02x", data[i]);
	return hex;
}

/* The clipboard in the form without selections, as QEMU's VNC server and old agents have it, is not
 * for us: the guest's agent of the suite has them. */
static void offer(struct client *c, const char *hex)
{
	guint32 type = VD_AGENT_CLIPBOARD_UTF8_TEXT;

	g_byte_array_unref(c->text);
	c->text = bytes_of(hex);
	if (!spice_main_channel_agent_test_capability(c->main, VD_AGENT_CAP_CLIPBOARD_BY_DEMAND))
		tell("refused-%u", ++c->refused);
	spice_main_channel_clipboard_selection_grab(c->main, VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD,
						    &type, 1);
}

static gboolean on_grab(SpiceMainChannel *main, guint selection, guint32 *types, guint n,
			struct client *c)
{
	for (guint i = 0; i < n; i++)
		if (types[i] == VD_AGENT_CLIPBOARD_UTF8_TEXT) {
			tell("grab-%u", ++c->grabs);
			spice_main_channel_clipboard_selection_request(main, selection, types[i]);
			return TRUE;
		}
	return FALSE;
}

static void on_text(SpiceMainChannel *main, guint selection, guint type, gpointer data, guint size,
		    struct client *c)
{
	GString *hex = hex_of(data, type == VD_AGENT_CLIPBOARD_UTF8_TEXT ? size : 0);

	(void)main;
	(void)selection;
	tell("text-%u %s", ++c->texts, hex->str);
	g_string_free(hex, TRUE);
}

static gboolean on_request(SpiceMainChannel *main, guint selection, guint type, struct client *c)
{
	tell("request-%u", ++c->requests);
	spice_main_channel_clipboard_selection_notify(main, selection, type, c->text->data,
						      c->text->len);
	return TRUE;
}

static void on_agent(SpiceMainChannel *main, GParamSpec *spec, struct client *c)
{
	gboolean connected;

	(void)spec;
	(void)c;
	g_object_get(main, "agent-connected", &connected, NULL);
	tell("agent %s", connected ? "up" : "down");
}

/* This comes with the agent's capabilities, and when the agent comes and goes. */
static void on_update(SpiceMainChannel *main, struct client *c)
{
	gint caps;

	g_object_get(main, "agent-caps-0", &caps, NULL);
	if ((unsigned)caps == c->last_caps)
		return;
	c->last_caps = (unsigned)caps;
	tell("caps-%u %#x", ++c->caps, c->last_caps);
}

static void on_mouse_mode(SpiceMainChannel *main, GParamSpec *spec, struct client *c)
{
	gint mode;

	(void)spec;
	(void)c;
	g_object_get(main, "mouse-mode", &mode, NULL);
	tell("mouse-mode %s", mode == SPICE_MOUSE_MODE_CLIENT ? "client" : "server");
}

static void on_port_opened(SpicePortChannel *port, GParamSpec *spec, struct client *c)
{
	gboolean opened;
	gchar *name;

	(void)spec;
	g_object_get(port, "port-opened", &opened, "port-name", &name, NULL);
	if (!c->port)
		tell("port-up %s", name ? name : "");
	c->port = port;
	tell("port-%u %s", ++c->opens, opened ? "open" : "closed");
	g_free(name);
}

static void on_port_data(SpicePortChannel *port, gpointer data, gint size, struct client *c)
{
	GString *hex = hex_of(data, (guint)size);

	(void)port;
	tell("data-%u %s", ++c->data, hex->str);
	g_string_free(hex, TRUE);
}

static void on_written(GObject *port, GAsyncResult *result, gpointer bytes)
{
	if (spice_port_channel_write_finish(SPICE_PORT_CHANNEL(port), result, NULL) !=
	    (gssize)((GByteArray *)bytes)->len)
		trouble("the port does not take all bytes");
	g_byte_array_unref(bytes);
}

static void on_event(SpiceChannel *channel, SpiceChannelEvent event, struct client *c)
{
	if (event != SPICE_CHANNEL_OPENED) {
		if (event != SPICE_CHANNEL_CLOSED && event != SPICE_CHANNEL_NONE)
			trouble("a channel broke");
		trouble("QEMU closed a channel");
	}
	if (SPICE_IS_MAIN_CHANNEL(channel)) {
		c->main = SPICE_MAIN_CHANNEL(channel);
		tell("main-up");
	} else if (SPICE_IS_INPUTS_CHANNEL(channel)) {
		c->inputs = SPICE_INPUTS_CHANNEL(channel);
		tell("inputs-up");
	}
}

/* Only these are of use; what is not connected costs nothing. */
static void on_channel(SpiceSession *session, SpiceChannel *channel, struct client *c)
{
	(void)session;
	if (SPICE_IS_MAIN_CHANNEL(channel)) {
		g_signal_connect(channel, "main-clipboard-selection-grab", G_CALLBACK(on_grab), c);
		g_signal_connect(channel, "main-clipboard-selection", G_CALLBACK(on_text), c);
		g_signal_connect(channel, "main-clipboard-selection-request",
				 G_CALLBACK(on_request), c);
		g_signal_connect(channel, "notify::agent-connected", G_CALLBACK(on_agent), c);
		g_signal_connect(channel, "main-agent-update", G_CALLBACK(on_update), c);
		g_signal_connect(channel, "notify::mouse-mode", G_CALLBACK(on_mouse_mode), c);
	} else if (SPICE_IS_PORT_CHANNEL(channel)) {
		g_signal_connect(channel, "notify::port-opened", G_CALLBACK(on_port_opened), c);
		g_signal_connect(channel, "port-data", G_CALLBACK(on_port_data), c);
	} else if (!SPICE_IS_INPUTS_CHANNEL(channel)) {
		return;
	}
	g_signal_connect(channel, "channel-event", G_CALLBACK(on_event), c);
	if (!SPICE_IS_MAIN_CHANNEL(channel) && !spice_channel_connect(channel))
		trouble("a channel cannot be connected");
}

static bool obey_port(struct client *c, const char *line)
{
	if (!c->port)
		return false;
	if (strcmp(line, "break") == 0) {
		spice_port_channel_event(c->port, SPICE_PORT_EVENT_BREAK);
	} else if (g_str_has_prefix(line, "port ")) {
		GByteArray *bytes = bytes_of(line + strlen("port "));

		spice_port_channel_write_async(c->port, bytes->data, bytes->len, NULL, on_written,
					       bytes);
	} else {
		return false;
	}
	return true;
}

static void obey(struct client *c, const char *line)
{
	int x, y;

	if (!c->main)
		trouble("told something before main-up");
	if (obey_port(c, line))
		return;
	if (g_str_has_prefix(line, "offer ")) {
		offer(c, line + strlen("offer "));
	} else if (sscanf(line, "position %d %d", &x, &y) == 2) {
		if (!c->inputs)
			trouble("told a position before inputs-up");
		spice_inputs_channel_position(c->inputs, x, y, 0, 0);
	} else if (strcmp(line, "press") == 0 && c->inputs) {
		spice_inputs_channel_button_press(c->inputs, SPICE_MOUSE_BUTTON_LEFT,
						  SPICE_MOUSE_BUTTON_MASK_LEFT);
	} else if (strcmp(line, "release") == 0 && c->inputs) {
		spice_inputs_channel_button_release(c->inputs, SPICE_MOUSE_BUTTON_LEFT, 0);
	} else if (sscanf(line, "monitors %d %d", &x, &y) == 2) {
		spice_main_channel_update_display(c->main, 0, 0, 0, x, y, FALSE);
		spice_main_channel_update_display_enabled(c->main, 0, TRUE, FALSE);
		if (!spice_main_channel_send_monitor_config(c->main))
			trouble("the monitors cannot be sent");
	} else {
		trouble("no such command");
	}
}

static gboolean on_stdin(GIOChannel *in, GIOCondition why, gpointer arg)
{
	struct client *c = arg;
	char block[4096], *end;
	ssize_t n = read(STDIN_FILENO, block, sizeof(block));

	(void)in;
	(void)why;
	if (n <= 0) /* the suite is gone, or done with us */
		_exit(n < 0 ? EXIT_TROUBLE : 0);
	g_string_append_len(c->line, block, n);
	while ((end = memchr(c->line->str, '\n', c->line->len))) {
		char *line = g_strndup(c->line->str, (gsize)(end - c->line->str));

		g_string_erase(c->line, 0, end + 1 - c->line->str);
		obey(c, line);
		g_free(line);
	}
	return G_SOURCE_CONTINUE;
}

int main(int argc, char **argv)
{
	struct client c = {.session = NULL};
	GMainLoop *loop;

	if (argc != 2) {
		fprintf(stderr, "usage: chardev-spice-client SOCKET\n");
		return EXIT_BAD_USE;
	}
	/* Nothing of the user's desktop is to have a part in this. */
	if (!g_setenv("GIO_USE_VFS", "local", TRUE) ||
	    !g_setenv("GSETTINGS_BACKEND", "memory", TRUE) ||
	    !g_setenv("GIO_USE_PROXY_RESOLVER", "dummy", TRUE))
		return EXIT_TROUBLE;
	loop = g_main_loop_new(NULL, FALSE);
	c.text = g_byte_array_new();
	c.line = g_string_new(NULL);
	c.session = spice_session_new();
	g_object_set(c.session, "unix-path", argv[1], "enable-audio", FALSE, "enable-smartcard",
		     FALSE, "enable-usbredir", FALSE, "client-sockets", FALSE, NULL);
	g_signal_connect(c.session, "channel-new", G_CALLBACK(on_channel), &c);
	g_io_add_watch(g_io_channel_unix_new(STDIN_FILENO), G_IO_IN | G_IO_HUP, on_stdin, &c);
	if (!spice_session_connect(c.session))
		trouble("the session cannot be connected");
	g_main_loop_run(loop);
	return EXIT_TROUBLE; /* nobody ends the loop */
}
