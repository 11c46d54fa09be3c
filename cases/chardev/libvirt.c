// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libvirt.c - the console types of libvirt's first proposal, row by row: XML, QEMU's form, bytes
 *
 * A <console> of that text is a serial port today; as a third device there is what <console> means
 * by now, virtio's.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cases/chardev/host.h"
#include "cases/chardev/tool.h"

#define BYTES 300
/* All of it fits into the smallest socket buffer: nobody waits for a datagram. */
#define SOME	 60
#define READY	 "starting data transfer loop"
#define SOCAT	 "socat -d -d "
#define DGRAM	 "socat -d -d -b 1024 "
#define LINE	 "a line of text, since telnet's byte 255 is telnet.output's\r\n"
#define OUT	 "c0.out"
#define GREETING 12 /* telnet.greeting has its bytes */

enum what { SINK, TO_FILE, THROUGH_FIFOS, BYTES_PASS, DATAGRAMS_PASS, TEXT_PASSES };

/**
 * struct libvirt_row - A console type
 * @name:	value of the axis "row"
 * @xml:	in libvirt's proposal, for <console> and <parallel> alike
 * @form:	behind -serial or -parallel; @chardev: behind -chardev, for a virtconsole
 * @tool:	who is at the other end
 */
static const struct libvirt_row {
	const char *name, *xml, *form, *chardev;
	enum what what;
	struct tool tool;
} rows[] = {
	{.name = "vc", .xml = "<console type='vc'/>", .form = "vc", .chardev = "vc"},
	{.name = "null", .xml = "<console type='null'/>", .form = "null", .chardev = "null"},
	{.name = "pty",
	 .xml = "<console type='pty'/>, or no type",
	 .form = "pty",
	 .chardev = "pty",
	 .what = BYTES_PASS,
	 .tool = {.words = SOCAT "- @PTY,raw,echo=0", .ready = READY}},
	{.name = "host",
	 .xml = "<console type='host' port='3'/>, which is /dev/ttyS3",
	 .form = "@SAID",
	 .chardev = "serial,path=@SAID",
	 .what = BYTES_PASS,
	 .tool = {.words = SOCAT "- PTY,raw,echo=0", .listens = "PTY is ", .ready = READY}},
	{.name = "file",
	 .xml = "<console type='file' path='/some/file'/>",
	 .form = "file:" OUT,
	 .chardev = "file,path=" OUT,
	 .what = TO_FILE},
	{.name = "pipe",
	 .xml = "<console type='pipe' path='/some/file'/>",
	 .form = "pipe:c0",
	 .chardev = "pipe,path=c0",
	 .what = THROUGH_FIFOS,
	 .tool = {.words = SOCAT "- OPEN:c0.out,rdonly!!OPEN:c0.in,wronly", .ready = READY}},
	{.name = "udp-port",
	 .xml = "<sendto port='12356'/>",
	 .form = "udp::@HERE",
	 .chardev = "udp,port=@HERE",
	 .what = DATAGRAMS_PASS,
	 .tool = {.words = DGRAM "- UDP6-LISTEN:@HERE,reuseaddr,ipv6only=0",
		  .listens = "listening on UDP",
		  .waits = true,
		  .ready = READY}},
	{.name = "udp-addr",
	 .xml = "<sendto addr='127.0.0.1' port='12356'/>",
	 .form = "udp:127.0.0.1:@HERE",
	 .chardev = "udp,host=127.0.0.1,port=@HERE",
	 .what = DATAGRAMS_PASS,
	 .tool = {.words = DGRAM "- UDP-LISTEN:@HERE,bind=127.0.0.1,reuseaddr",
		  .listens = "listening on UDP",
		  .waits = true,
		  .ready = READY}},
	{.name = "udp-bind-port",
	 .xml = "<sendto addr='127.0.0.1' port='12356'/><bind port='12356'/>",
	 .form = "udp:127.0.0.1:@HERE@:@THERE",
	 .chardev = "udp,host=127.0.0.1,port=@HERE,localport=@THERE",
	 .what = DATAGRAMS_PASS,
	 .tool = {.words = DGRAM "- UDP:127.0.0.1:@THERE,sourceport=@HERE,reuseaddr",
		  .ready = READY}},
	{.name = "udp-bind-addr",
	 .xml = "<sendto addr='127.0.0.1' port='12356'/><bind addr='127.0.0.1' port='12356'/>",
	 .form = "udp:127.0.0.1:@HERE@127.0.0.1:@THERE",
	 .chardev = "udp,host=127.0.0.1,port=@HERE,localaddr=127.0.0.1,localport=@THERE",
	 .what = DATAGRAMS_PASS,
	 .tool = {.words = DGRAM "- UDP:127.0.0.1:@THERE,sourceport=@HERE,reuseaddr",
		  .ready = READY}},
	{.name = "tcp-listen",
	 .xml = "<listen port='12356'/>: QEMU waits for somebody",
	 .form = "tcp::@STREAM,server",
	 .chardev = "socket,host=,port=@STREAM,server=on",
	 .what = BYTES_PASS,
	 .tool = {.words = SOCAT "- TCP:127.0.0.1:@STREAM,forever,interval=0.02",
		  .early = true,
		  .ready = READY}},
	{.name = "tcp-nowait",
	 .xml = "<listen addr='127.0.0.1' port='12356'><nowait/><nodelay/></listen>",
	 .form = "tcp:127.0.0.1:@STREAM,server,nowait,nodelay",
	 .chardev = "socket,host=127.0.0.1,port=@STREAM,server=on,wait=off,nodelay=on",
	 .what = BYTES_PASS,
	 .tool = {.words = SOCAT "- TCP:127.0.0.1:@PORT", .ready = READY}},
	{.name = "tcp-connect",
	 .xml = "<connect addr='127.0.0.1' port='12356'><nodelay/></connect>",
	 .form = "tcp:127.0.0.1:@SAID,nodelay",
	 .chardev = "socket,host=127.0.0.1,port=@SAID,nodelay=on",
	 .what = BYTES_PASS,
	 .tool = {.words = SOCAT "- TCP-LISTEN:0,bind=127.0.0.1",
		  .listens = "listening on AF=2 127.0.0.1:",
		  .ready = READY}},
	{.name = "telnet-listen",
	 .xml = "<console type='telnet'><listen addr='127.0.0.1' port='12356'/>",
	 .form = "telnet:127.0.0.1:@STREAM,server",
	 .chardev = "socket,host=127.0.0.1,port=@STREAM,server=on,telnet=on",
	 .what = TEXT_PASSES,
	 .tool = {.words = SOCAT "- TCP:127.0.0.1:@STREAM,forever,interval=0.02",
		  .early = true,
		  .greeting = GREETING,
		  .ready = READY}},
	{.name = "telnet-connect",
	 .xml = "<console type='telnet'><connect addr='127.0.0.1' port='12356'/>",
	 .form = "telnet:127.0.0.1:@SAID",
	 .chardev = "socket,host=127.0.0.1,port=@SAID,telnet=on",
	 .what = TEXT_PASSES,
	 .tool = {.words = SOCAT "- TCP-LISTEN:0,bind=127.0.0.1",
		  .listens = "listening on AF=2 127.0.0.1:",
		  .ready = READY}},
	{.name = "unix-listen",
	 .xml = "none; of QEMU's forms that the text quotes: unix:path,server,nowait",
	 .form = "unix:c0.sock,server,nowait",
	 .chardev = "socket,path=c0.sock,server=on,wait=off",
	 .what = BYTES_PASS,
	 .tool = {.words = SOCAT "- UNIX-CONNECT:c0.sock", .ready = READY}},
	{.name = "unix-connect",
	 .xml = "none; unix:path",
	 .form = "unix:c0.sock",
	 .chardev = "socket,path=c0.sock",
	 .what = BYTES_PASS,
	 .tool = {.words = SOCAT "- UNIX-LISTEN:c0.sock",
		  .listens = "listening on ",
		  .ready = READY}},
};

static const char *libvirt_lacks(const struct variant *v, const struct caps *caps)
{
	const struct libvirt_row *row = variant_row(v);

	if (row->what == DATAGRAMS_PASS && variant_is(v, "device", "virtconsole") &&
	    !caps_version_at_least(caps, 11, 0, 0))
		return "before QEMU 11.0 a udp chardev never opens for a port (see backend.bytes)";
	if (strcmp(row->name, "udp-port") == 0 && !chr_udp_has_ipv6())
		return "this host has no ::1, which localhost may mean";
	return row->tool.words ? tool_lacks(&row->tool) : NULL;
}

static void libvirt_plan(const struct variant *v, struct plan *plan)
{
	if (variant_is(v, "device", "virtconsole")) {
		bare_plan(v, plan);
		return;
	}
	bare_plan_machine(plan);
	bare_plan_made(plan, variant_get(v, "device"));
}

static void libvirt_chardevs(const struct variant *v, struct strv *texts)
{
	const struct libvirt_row *row = variant_row(v);

	if (variant_is(v, "device", "virtconsole"))
		strv_push(texts, row->chardev);
}

static void tell(struct trial *t, const struct libvirt_row *row, const struct tool_play *p)
{
	bool serial = trial_is(t, "device", "isa-serial");
	char *text;

	if (trial_is(t, "device", "virtconsole")) {
		text = tool_fill_in(p, row->chardev);
		bare_chardev(&t->plan, "%s,id=%s", text, p->id);
	} else {
		text = tool_fill_in(p, row->form);
		strv_pushl(&t->plan.args, serial ? "-serial" : "-parallel", text, NULL);
	}
	trial_note(t, "%s is %s", row->xml, text);
	free(text);
}

/* Nobody is there: all is taken, and nothing comes back. */
static void sink(struct bare *b, const struct tool_play *p, const struct libvirt_row *row)
{
	char *filename = bare_filename(b, p->id);

	CHECK(b->t, strcmp(filename, row->name) == 0, "query-chardev says %s", filename);
	bare_send(b, b->front, LINE, strlen(LINE));
	bare_silent(b, b->front);
	free(filename);
}

static void to_file(struct bare *b)
{
	struct buf bytes = BUF_INIT;

	host_payload(&bytes, 7, BYTES);
	bare_send(b, b->front, bytes.data, bytes.len);
	bare_settle(b);
	host_file_is(b->t, OUT, bytes.data, bytes.len);
	buf_release(&bytes);
}

static void both_ways(struct tool_play *p, const struct libvirt_row *row)
{
	struct stream s = tool_join(p, "host");
	struct bare *b = p->b;
	size_t len = row->what == DATAGRAMS_PASS ? SOME : BYTES;

	if (row->what != TEXT_PASSES) {
		bare_exchange(b, b->front, &s, len, front_hears(b->front) ? len : 0);
		return;
	}
	bare_send(b, b->front, LINE, strlen(LINE));
	bare_host_expect(b, &s, LINE, strlen(LINE));
	if (front_hears(b->front)) {
		bare_host_send(b, &s, LINE, strlen(LINE));
		bare_expect(b, b->front, LINE, strlen(LINE));
	}
	bare_host_silent(b, &s);
	bare_silent(b, b->front);
}

CASE(libvirt_type, .id = "libvirt.type",
     .title = "each console type of libvirt has a form of QEMU's, with which bytes pass a serial "
	      "port, a parallel port and a virtio console",
     .clause = "qemu/qemu-options.hx -serial, -parallel, -chardev", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", "row", NULL}, .rows = ROWS(rows),
     .lacks = libvirt_lacks, .plan = libvirt_plan, .chardevs = libvirt_chardevs)
{
	const struct libvirt_row *row = trial_row(t);
	static struct tool_play p;

	if (row->what == THROUGH_FIFOS)
		CHECK(t, mkfifo("c0.in", 0600) == 0 && mkfifo("c0.out", 0600) == 0, "no FIFOs");
	tool_prepare(&p, t, row->tool.words ? &row->tool : NULL,
		     trial_is(t, "device", "virtconsole")  ? "c0"
		     : trial_is(t, "device", "isa-serial") ? "serial0"
							   : "parallel0");
	tell(t, row, &p);
	tool_start(&p);
	if (row->what == SINK)
		sink(p.b, &p, row);
	else if (row->what == TO_FILE)
		to_file(p.b);
	else
		both_ways(&p, row);
}
