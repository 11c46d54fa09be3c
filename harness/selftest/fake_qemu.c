// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fake_qemu.c - a program that speaks just enough QMP to pass for QEMU, and misbehaves when told to
 *
 * The suite's own tests run against it what no real QEMU does on demand. FAKE_QEMU holds what to
 * do, several separated by ';':
 *
 *	ok			nothing
 *	exit-at-start		print a line on stderr, exit 3
 *	signal-at-start		die of SIGSEGV
 *	hang-at-start		never connect
 *	hang-at=COMMAND		never answer it, nor anything after it
 *	exit-at=COMMAND		exit 5 instead of an answer
 *	signal-at=COMMAND	die of SIGSEGV instead of an answer
 *	close-at=COMMAND	close the connection, stay alive
 *	garbage-at=COMMAND	answer with what is no JSON
 *	refuse=COMMAND		answer with an error
 *	answer=COMMAND JSON	answer with this
 *	event=COMMAND NAME	send an event behind the answer
 *	migration=STATUS	where migrate gets to (else: completed)
 *	status-at-quit=N	exit status of quit
 *	hang-at-quit		answer quit, stay alive
 *	asan-at-quit		print a sanitizer's report on stderr and exit 1 at quit
 *	stderr=TEXT		print a line on stderr at the start
 *	console=TEXT		write a line to console.log at the start
 *	no-slirp		no user networking
 *	version=X.Y.Z		be that version
 *
 * Everything but "ok" is part of the version text too: two kinds of fake have two identities.
 */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness/selftest/fake_qemu.h"

static struct strv modes;
static int qmp_fd = -1;
static unsigned long long quit_status;
unsigned fake_version[3] = {10, 0, 0};
struct buf fake_package = BUF_INIT;

static const char *const known_modes[] = {
	"ok",	    "exit-at-start", "signal-at-start", "hang-at-start",   "hang-at=",
	"exit-at=", "signal-at=",    "close-at=",	"garbage-at=",	   "refuse=",
	"stderr=",  "no-slirp",	     "hang-at-quit",	"status-at-quit=", "asan-at-quit",
	"version=", "answer=",	     "event=",		"migration=",	   "console=",
};

const char *fake_mode(const char *key)
{
	for (size_t i = 0; i < modes.n; i++)
		if (strncmp(modes.v[i], key, strlen(key)) == 0)
			return modes.v[i] + strlen(key);
	return NULL;
}

static bool mode_at(const char *key, const char *command)
{
	const char *at = fake_mode(key);

	return at && strcmp(at, command) == 0;
}

/* The text behind "KEYCOMMAND "; NULL: there is none. */
static const char *told_at(const char *key, const char *command)
{
	size_t len = strlen(command);

	for (size_t i = 0; i < modes.n; i++) {
		const char *at = modes.v[i] + strlen(key);

		if (strncmp(modes.v[i], key, strlen(key)) == 0 && strncmp(at, command, len) == 0 &&
		    at[len] == ' ')
			return at + len + 1;
	}
	return NULL;
}

static bool is_known(const char *word)
{
	for (size_t i = 0; i < sizeof(known_modes) / sizeof(*known_modes); i++) {
		size_t len = strlen(known_modes[i]);
		bool has_text = known_modes[i][len - 1] == '=';

		if (strncmp(word, known_modes[i], has_text ? len : len + 1) == 0)
			return true;
	}
	return false;
}

static void read_modes(const char *text)
{
	const char *v, *status;

	strv_split(&modes, text, ";");
	for (size_t i = 0; i < modes.n; i++)
		if (!is_known(modes.v[i])) {
			fprintf(stderr, "fake-qemu: unknown FAKE_QEMU: %s\n", modes.v[i]);
			exit(64);
		}
	v = fake_mode("version=");
	if (v && sscanf(v, "%u.%u.%u", fake_version, fake_version + 1, fake_version + 2) != 3) {
		fprintf(stderr, "fake-qemu: no version: %s\n", v);
		exit(64);
	}
	status = fake_mode("status-at-quit=");
	if (status && !text_parse_u64(status, &quit_status)) {
		fprintf(stderr, "fake-qemu: no exit status: %s\n", status);
		exit(64);
	}
	buf_addstr(&fake_package, "fake");
	for (; *text && strcmp(text, "ok") != 0; text++) {
		if (fake_package.len == 4)
			buf_addstr(&fake_package, " ");
		buf_add(&fake_package, *text < ' ' || *text == '"' || *text == '\\' ? "?" : text,
			1);
	}
}

static void hang(void)
{
	for (;;)
		pause();
}

static void crash(void)
{
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

/* As QEMU: a request to end is no failure. Only what is safe in a signal handler. */
static void on_sigterm(int sig)
{
	static const char text[] = "fake-qemu: terminating on signal 15\n";

	(void)sig;
	_exit(write(2, text, sizeof(text) - 1) < 0);
}

static void send_line(const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = send(qmp_fd, text, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			hang(); /* nobody listens; as QEMU, go on living */
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
}

void fake_send_event(const char *name, const char *data)
{
	char *text = xasprintf("{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, "
			       "\"event\": \"%s\", \"data\": {%s}}\r\n",
			       name, data);

	send_line(text);
	free(text);
}

/* What goes under "return"; or why it is refused. */
static const char *do_command(const char *line, const char *command, struct buf *value)
{
	const char *told = told_at("answer=", command);

	if (mode_at("refuse=", command))
		return "refused, as FAKE_QEMU says";
	if (!told)
		return fake_verb(command, line, value);
	buf_addstr(value, told);
	return NULL;
}

/* False: it was refused. */
static bool answer(const char *line, const char *command)
{
	struct buf value = BUF_INIT, text = BUF_INIT;
	const char *id = strstr(line, "\"id\":"), *refusal;

	/* The command's id is a number; those among its arguments are strings. */
	while (id && !isdigit((unsigned char)id[5]))
		id = strstr(id + 5, "\"id\":");
	refusal = do_command(line, command, &value);
	if (refusal)
		buf_addf(&text, "{\"error\": {\"class\": \"GenericError\", \"desc\": \"%s\"}",
			 refusal);
	else
		buf_addf(&text, "{\"return\": %s", value.len ? value.data : "{}");
	if (id)
		buf_addf(&text, ", \"id\": %ld", strtol(id + 5, NULL, 10));
	buf_addstr(&text, "}\r\n");
	send_line(text.data);
	if (told_at("event=", command))
		fake_send_event(told_at("event=", command), "");
	buf_release(&value);
	buf_release(&text);
	return !refusal;
}

static void quit(void)
{
	if (fake_mode("hang-at-quit"))
		hang();
	fake_send_event("SHUTDOWN", "\"guest\": false, \"reason\": \"host-qmp-quit\"");
	if (fake_mode("asan-at-quit")) {
		fputs("==1==ERROR: AddressSanitizer: heap-use-after-free\n", stderr);
		exit(1);
	}
	exit((int)quit_status);
}

static void serve(const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	char *line = NULL, *greeting;
	size_t size = 0;
	FILE *in;

	qmp_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%.*s", (int)strcspn(path, ","), path);
	if (connect(qmp_fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    !(in = fdopen(qmp_fd, "r"))) {
		fprintf(stderr, "fake-qemu: Failed to connect to '%s': %m\n", sa.sun_path);
		exit(1);
	}
	greeting =
		xasprintf("{\"QMP\": {\"version\": {\"qemu\": {\"micro\": %u, \"minor\": %u, "
			  "\"major\": %u}, \"package\": \"%s\"}, \"capabilities\": [\"oob\"]}}\r\n",
			  fake_version[2], fake_version[1], fake_version[0], fake_package.data);
	send_line(greeting);
	free(greeting);
	while (getline(&line, &size, in) > 0) {
		const char *command = fake_arg(line, "execute");

		if (mode_at("hang-at=", command))
			hang();
		if (mode_at("exit-at=", command))
			exit(5);
		if (mode_at("signal-at=", command))
			crash();
		if (mode_at("close-at=", command))
			break;
		if (mode_at("garbage-at=", command))
			send_line("this is not JSON\r\n");
		else if (answer(line, command) && strcmp(command, "quit") == 0)
			quit();
	}
	free(line);
	fclose(in);
	hang();
}

/* Take from the command line what a fake can heed; its -qmp socket's path, or NULL. */
static const char *read_args(int argc, char **argv)
{
	const char *qmp = NULL;

	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "", *id = strstr(value, ",id=");

		if (strcmp(argv[i], "--version") == 0 || strcmp(argv[i], "-version") == 0) {
			printf("QEMU emulator version %u.%u.%u (%s)\n", fake_version[0],
			       fake_version[1], fake_version[2], fake_package.data);
			exit(0);
		}
		if (strcmp(argv[i], "-S") == 0)
			fake_run_state = "prelaunch";
		if (strcmp(argv[i], "-qmp") == 0 && strncmp(value, "unix:", 5) == 0)
			qmp = value + 5;
		if (strcmp(argv[i], "-chardev") == 0 && id)
			strv_pushf(&fake_chardevs, "%.*s", (int)strcspn(id + 4, ","), id + 4);
	}
	return qmp;
}

static void say_at_start(void)
{
	FILE *console;

	if (fake_mode("stderr="))
		fprintf(stderr, "%s\n", fake_mode("stderr="));
	if (!fake_mode("console="))
		return;
	console = fopen("console.log", "w");
	if (!console || fprintf(console, "%s\n", fake_mode("console=")) < 0 || fclose(console)) {
		fprintf(stderr, "fake-qemu: console.log: %m\n");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	const char *text = getenv("FAKE_QEMU"), *qmp;

	read_modes(text ? text : "ok");
	qmp = read_args(argc, argv);
	signal(SIGTERM, on_sigterm);
	say_at_start();
	if (fake_mode("exit-at-start")) {
		fputs("fake-qemu: exiting at the start, as FAKE_QEMU says\n", stderr);
		return 3;
	}
	if (fake_mode("signal-at-start"))
		crash();
	if (qmp && !fake_mode("hang-at-start"))
		serve(qmp);
	hang();
}
