// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * client.c - a WebSocket client: stdin goes out in binary messages, what comes goes to stdout
 *
 * usage: chardev-websocket-client URL [CA-FILE]
 *
 * A program of its own, because libsoup lives in GLib's main loop. It offers the subprotocol
 * "binary", as QEMU wants it (qemu/io/channel-websock.c). On stderr it says "open" once the server
 * has agreed, or "error WHAT". At the end of stdin it closes the connection as RFC 6455 says, and
 * ends with status 0 once the server has, too.
 */
#include <glib-unix.h>
#include <libsoup/soup.h>
#include <stdio.h>
#include <unistd.h>

#define EXIT_TROUBLE 2
#define EXIT_BAD_USE 64
#define CHUNK	     8192

static void G_GNUC_NORETURN trouble(const char *what)
{
	fprintf(stderr, "error %s\n", what);
	_exit(EXIT_TROUBLE);
}

static gboolean on_stdin(gint fd, GIOCondition condition, gpointer data)
{
	SoupWebsocketConnection *connection = data;
	char room[CHUNK];
	ssize_t n = read(fd, room, sizeof(room));

	(void)condition;
	if (n < 0)
		trouble("stdin cannot be read");
	if (soup_websocket_connection_get_state(connection) != SOUP_WEBSOCKET_STATE_OPEN)
		return G_SOURCE_REMOVE;
	if (n > 0) {
		soup_websocket_connection_send_binary(connection, room, (gsize)n);
		return G_SOURCE_CONTINUE;
	}
	soup_websocket_connection_close(connection, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
	return G_SOURCE_REMOVE;
}

static void on_message(SoupWebsocketConnection *connection, gint type, GBytes *message,
		       gpointer data)
{
	gsize left;
	const char *at = g_bytes_get_data(message, &left);

	(void)connection;
	(void)data;
	if (type != SOUP_WEBSOCKET_DATA_BINARY)
		trouble("a message that is not binary");
	while (left) {
		ssize_t n = write(STDOUT_FILENO, at, left);

		if (n < 0)
			trouble("stdout cannot be written");
		at += n;
		left -= (gsize)n;
	}
}

static void on_error(SoupWebsocketConnection *connection, GError *error, gpointer data)
{
	(void)connection;
	(void)data;
	trouble(error->message);
}

static void on_closed(SoupWebsocketConnection *connection, gpointer loop)
{
	(void)connection;
	g_main_loop_quit(loop);
}

static void on_open(GObject *session, GAsyncResult *result, gpointer loop)
{
	GError *error = NULL;
	SoupWebsocketConnection *connection =
		soup_session_websocket_connect_finish(SOUP_SESSION(session), result, &error);

	if (!connection)
		trouble(error->message);
	/* Of a message, which is QEMU's to choose: no limit. */
	soup_websocket_connection_set_max_incoming_payload_size(connection, 0);
	g_signal_connect(connection, "message", G_CALLBACK(on_message), NULL);
	g_signal_connect(connection, "error", G_CALLBACK(on_error), NULL);
	g_signal_connect(connection, "closed", G_CALLBACK(on_closed), loop);
	g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP, on_stdin, connection);
	fprintf(stderr, "open\n");
}

int main(int argc, char **argv)
{
	char *protocols[] = {(char[]){"binary"}, NULL};
	SoupSession *session = soup_session_new();
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);
	GTlsDatabase *authorities;
	GError *error = NULL;
	SoupMessage *request;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: chardev-websocket-client URL [CA-FILE]\n");
		return EXIT_BAD_USE;
	}
	if (argc == 3) {
		authorities =
			g_tls_file_database_new(g_canonicalize_filename(argv[2], NULL), &error);
		if (!authorities)
			trouble(error->message);
		soup_session_set_tls_database(session, authorities);
	}
	request = soup_message_new("GET", argv[1]);
	if (!request)
		trouble("no URL");
	soup_session_websocket_connect_async(session, request, NULL, protocols, G_PRIORITY_DEFAULT,
					     NULL, on_open, loop);
	g_main_loop_run(loop);
	return 0;
}
