// SPDX-License-Identifier: GPL-2.0-or-later
/* add.c - every backend is added, named and removed, by QMP and by HMP */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cases/monitor/monitor.h"

/* Behind the @since of qapi/char.json; "reconnect" went with 10.2 (removed-features.rst). */
#define SINCE_INPUT_PATH "qemu>=8.1"
#define SINCE_PTY_PATH	 "qemu>=9.2"
#define SINCE_RECONN_MS	 "qemu>=9.2"
#define SINCE_HUB	 "qemu>=10.0"
#define UNTIL_RECONN	 "qemu<10.2"
#define SINCE_TIMESTAMP	 "qemu>=11.0"
#define SINCE_ENCODING	 "qemu>=11.1"

/**
 * struct add_row - A chardev that can be
 * @name:	value of the axis "row"
 * @type, @data: QMP's backend, in single quotes
 * @options:	the same for HMP, behind the backend's name of the command line
 * @filename:	what query-chardev says of it: # stands for a number
 * @versions:	of QEMU that have it; NULL: all
 * @leaves:	the file that is there when it is gone; NULL: none
 */
static const struct add_row {
	const char *name, *type, *data, *options, *filename, *versions, *leaves;
} rows[] = {
#define UNIX_ADDR(path, more) "'addr': {'type': 'unix', 'data': {'path': '" path "'" more "}}"
#define TCP_ADDR(host)                                                                             \
	"'addr': {'type': 'inet', 'data': {'host': '" host "', 'port': '0'}}, 'wait': false"
#define TCP	  "socket,host=127.0.0.1,port=0,server=on,wait=off"
#define UDP_ADDR  "{'type': 'inet', 'data': {'host': '127.0.0.1', 'port': '1'}}"
#define UDP_LOCAL "{'type': 'inet', 'data': {'host': '127.0.0.1', 'port': '0'}}"
	{"null", "null", "", "null", "null", NULL, NULL},
	{"log", "null", "'logfile': 'f', 'logappend': true", "null,logfile=f,logappend=on", "null",
	 NULL, "f"},
	{"log-time", "null", "'logfile': 'f', 'logtimestamp': true",
	 "null,logfile=f,logtimestamp=on", "null", SINCE_TIMESTAMP, "f"},
	{"file", "file", "'out': 'f'", "file,path=f", "file", NULL, "f"},
	{"file-append", "file", "'out': 'f', 'append': true", "file,path=f,append=on", "file", NULL,
	 "f"},
	{"file-input", "file", "'out': 'f', 'in': '/dev/null'", "file,path=f,input-path=/dev/null",
	 "file", SINCE_INPUT_PATH, "f"},
	{"pipe", "pipe", "'device': 'p'", "pipe,path=p", "pipe", NULL, NULL},
	{"serial", "serial", "'device': '/dev/ptmx'", "serial,path=/dev/ptmx", "serial", NULL,
	 NULL},
	{"pty", "pty", "", "pty", "pty:/dev/pts/#", NULL, NULL},
	{"pty-path", "pty", "'path': 'link'", "pty,path=link", "pty:/dev/pts/#", SINCE_PTY_PATH,
	 NULL},
	{"stdio", "stdio", "'signal': false", "stdio,signal=off", "stdio", NULL, NULL},
	{"ringbuf", "ringbuf", "", "ringbuf", "ringbuf", NULL, NULL},
	{"ringbuf-size", "ringbuf", "'size': 1048576", "ringbuf,size=1M", "ringbuf", NULL, NULL},
	{"memory", "memory", "'size': 2", "memory,size=2", "memory", NULL, NULL},
	{"udp", "udp", "'remote': " UDP_ADDR, "udp,host=127.0.0.1,port=1", "udp", NULL, NULL},
	{"udp-local", "udp", "'remote': " UDP_ADDR ", 'local': " UDP_LOCAL,
	 "udp,host=127.0.0.1,port=1,localaddr=127.0.0.1,localport=0", "udp", NULL, NULL},
	{"unix", "socket", UNIX_ADDR("n.sock", "") ", 'wait': false",
	 "socket,path=n.sock,server=on,wait=off", "disconnected:unix:n.sock,server=on", NULL, NULL},
	{"unix-reconnect", "socket", UNIX_ADDR("n.sock", "") ", 'server': false, 'reconnect': 60",
	 "socket,path=n.sock,reconnect=60", "disconnected:unix:n.sock", UNTIL_RECONN, NULL},
	{"unix-reconnect-ms", "socket",
	 UNIX_ADDR("n.sock", "") ", 'server': false, 'reconnect-ms': 60000",
	 "socket,path=n.sock,reconnect-ms=60000", "disconnected:unix:n.sock", SINCE_RECONN_MS,
	 NULL},
	{"tcp", "socket", TCP_ADDR("127.0.0.1"), TCP, "disconnected:tcp:127.0.0.1:#,server=on",
	 NULL, NULL},
	{"tcp-nodelay", "socket", TCP_ADDR("127.0.0.1") ", 'nodelay': true", TCP ",nodelay=on",
	 "disconnected:tcp:127.0.0.1:#,server=on", NULL, NULL},
	{"telnet", "socket", TCP_ADDR("127.0.0.1") ", 'telnet': true", TCP ",telnet=on",
	 "disconnected:telnet:127.0.0.1:#,server=on", NULL, NULL},
	{"tn3270", "socket", TCP_ADDR("127.0.0.1") ", 'tn3270': true", TCP ",tn3270=on",
	 "disconnected:tcp:127.0.0.1:#,server=on", NULL, NULL},
	{"websocket", "socket", TCP_ADDR("127.0.0.1") ", 'websocket': true", TCP ",websocket=on",
	 "disconnected:websocket:127.0.0.1:#,server=on", NULL, NULL},
	{"websocket-telnet", "socket", TCP_ADDR("127.0.0.1") ", 'websocket': true, 'telnet': true",
	 TCP ",websocket=on,telnet=on", "disconnected:telnet:127.0.0.1:#,server=on", NULL, NULL},
	{"mux", "mux", "'chardev': 'u'", "mux,chardev=u", "mux", NULL, NULL},
	{"hub", "hub", "'chardevs': ['u']", "hub,chardevs.0=u", "hub", SINCE_HUB, NULL},
	{"vc", "vc", "", "vc", "vc", NULL, NULL},
	{"vc-cells", "vc", "'cols': 80, 'rows': 24", "vc,cols=80,rows=24", "vc", NULL, NULL},
	{"vc-pixels", "vc", "'width': 640, 'height': 480", "vc,width=640,height=480", "vc", NULL,
	 NULL},
	{"vc-encoding", "vc", "'encoding': 'cp437'", "vc,encoding=cp437", "vc", SINCE_ENCODING,
	 NULL},
	{"msmouse", "msmouse", "", "msmouse", "msmouse", NULL, NULL},
	{"wctablet", "wctablet", "", "wctablet", "wctablet", NULL, NULL},
	{"testdev", "testdev", "", "testdev", "testdev", NULL, NULL},
	{"vdagent", "qemu-vdagent", "'mouse': false, 'clipboard': true",
	 "qemu-vdagent,mouse=off,clipboard=on", "qemu-vdagent", NULL, NULL},
};

static const char *add_lacks(const struct variant *v, const struct caps *caps)
{
	const struct add_row *row = variant_row(v);

	if (row->versions && !caps_version_matches(caps, row->versions, NULL))
		return xasprintf("-chardev %s is for %s", row->options, row->versions);
	return caps_has_backend(caps, row->type)
		       ? NULL
		       : xasprintf("this QEMU has no chardev backend %s", row->type);
}

/* What query-chardev says of n at @key; NULL: there is no n. malloc'ed. */
static char *chardev(struct bare *b, const char *key)
{
	char *path, *value;
	int at;

	bare_qmp(b, "query-chardev", NULL);
	at = qmp_find(&b->rig->vm.qmp, "", "label", "n");
	if (at < 0)
		return NULL;
	path = xasprintf("%d.%s", at, key);
	value = qmp_get(&b->rig->vm.qmp, path);
	free(path);
	return value;
}

static void add_by_qmp(struct bare *b, const struct add_row *row)
{
	char *args = xasprintf("{'id': 'n', 'backend': {'type': '%s', 'data': {%s}}}", row->type,
			       row->data);
	bool is_pty = strcmp(row->type, "pty") == 0;
	char *pty, *filename;

	CHECK(b->t, monitor_cmd(b, "chardev-add", args) == QMP_OK, "chardev-add %s: %s", args,
	      b->rig->vm.qmp.error_desc.data);
	CHECK(b->t, qmp_count(&b->rig->vm.qmp, "") == is_pty, "chardev-add %s returns %s", args,
	      b->rig->vm.qmp.answer.data);
	pty = qmp_get(&b->rig->vm.qmp, "pty");
	filename = chardev(b, "filename");
	CHECK(b->t, !is_pty || (pty && filename && strcmp(filename + strlen("pty:"), pty) == 0),
	      "chardev-add returns pty %s, query-chardev says %s", pty, filename);
	free(pty);
	free(filename);
	free(args);
}

static void add_by_hmp(struct bare *b, const struct add_row *row)
{
	char *line = xasprintf("chardev-add %s,id=n", row->options);
	char *answer = monitor_hmp(b, line);
	const char *want = strcmp(row->type, "pty") == 0
				   ? "char device redirected to /dev/pts/# (label n)"
				   : "";

	CHECK(b->t, says_like(answer, want), "%s: HMP answers: %s", line, answer);
	free(answer);
	free(line);
}

/* "n: filename=..": HMP's list says the same as QMP's. */
static void check_info(struct bare *b, const char *filename)
{
	char *text = monitor_hmp(b, "info chardev");
	char *line = xasprintf("\n%s: filename=%s\n", "n", filename);
	char *all = xasprintf("\n%s\n", text);

	CHECK(b->t, strstr(all, line), "info chardev has no line %s", line);
	free(all);
	free(line);
	free(text);
}

static void check_there(struct bare *b, const struct add_row *row)
{
	char *filename = chardev(b, "filename"), *open = chardev(b, "frontend-open");

	CHECK(b->t, filename, "query-chardev does not know what was added");
	CHECK(b->t, says_like(filename, row->filename), "query-chardev calls it %s, not %s",
	      filename, row->filename);
	CHECK(b->t, strcmp(open, "false") == 0, "a chardev without a frontend is frontend-open %s",
	      open);
	check_info(b, filename);
	free(filename);
	free(open);
}

static void remove_it(struct bare *b)
{
	char *answer, *filename;

	if (trial_is(b->t, "monitor", "hmp")) {
		answer = monitor_hmp(b, "chardev-remove n");
		CHECK(b->t, !*answer, "chardev-remove n: HMP answers: %s", answer);
		free(answer);
	} else {
		CHECK(b->t, monitor_cmd(b, "chardev-remove", "{'id': 'n'}") == QMP_OK,
		      "chardev-remove: %s", b->rig->vm.qmp.error_desc.data);
	}
	filename = chardev(b, "filename");
	CHECK(b->t, !filename, "what was removed is still there: %s", filename);
}

/* How often QEMU has said that it does not reach the peer of n: is it @wanted times? */
struct reports {
	size_t wanted;
};

static bool reported(void *arg)
{
	static const char words[] = "Unable to connect character device n: ";
	const struct reports *r = arg;
	struct buf err = BUF_INIT;
	size_t n = 0;

	if (buf_read_file(&err, VM_ERR))
		for (const char *at = err.data; (at = strstr(at, words)); at++)
			n++;
	buf_release(&err);
	return n == r->wanted;
}

/* A client whose first attempt to connect is still under way when it is removed keeps its yank
 * instance until that ends, and so its name: it has to have failed. */
static void await_attempt(struct bare *b, const struct add_row *row, size_t rounds)
{
	struct reports r = {rounds};

	CHECK(b->t,
	      !strstr(row->options, ",reconnect") || target_until(b->target, reported, &r, BARE_MS),
	      "QEMU does not say that it cannot connect");
}

static void round_trip(struct bare *b, const struct add_row *row, size_t rounds)
{
	if (trial_is(b->t, "monitor", "hmp"))
		add_by_hmp(b, row);
	else
		add_by_qmp(b, row);
	check_there(b, row);
	await_attempt(b, row, rounds);
	remove_it(b);
}

static void check_left(struct bare *b, const struct add_row *row)
{
	static const char *const names[] = {"f", "n.sock", "link"};
	struct stat st;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		bool want = row->leaves && strcmp(row->leaves, names[i]) == 0;

		CHECK(b->t, (lstat(names[i], &st) == 0) == want, "when it is gone, %s is%s there",
		      names[i], want ? " not" : "");
	}
}

static void add_chardevs(const struct variant *v, struct strv *texts)
{
	const struct add_row *row = variant_row(v);

	strv_push(texts, row->options);
}

/* What is made once for all chardevs of a kind may stay; what each of them makes may not. */
CASE(monitor_add, .id = "monitor.add",
     .title = "a chardev of every kind is added, is called what it is, and is removed without a "
	      "trace",
     .clause = "qapi/char.json chardev-add, chardev-remove, query-chardev; hmp-commands.hx",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"row", "monitor", NULL}, .rows = ROWS(rows), .lacks = add_lacks,
     .chardevs = add_chardevs, .plan = monitor_plan)
{
	const struct add_row *row = trial_row(t);
	struct bare *b = trial_bare(t);
	unsigned before;

	CHECK(t, mkfifo("p.in", 0600) == 0 && mkfifo("p.out", 0600) == 0, "mkfifo fails");
	round_trip(b, row, 1);
	before = bare_descriptors(b);
	round_trip(b, row, 2);
	CHECK(t, bare_descriptors(b) == before,
	      "QEMU had %u descriptors, and %u after it was there again", before,
	      bare_descriptors(b));
	check_left(b, row);
}
