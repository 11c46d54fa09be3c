// SPDX-License-Identifier: GPL-2.0-or-later
/* warns.c - forms of options that are on their way out: they still do, and say so */
#include "cases/commandline/refused.h"

/* util/qemu-option.c opts_do_parse(), since 6.0; docs/about/deprecated.rst: short-form booleans */
#define SHORT(form, long_form)                                                                     \
	"~warning: short-form boolean option '" form "' deprecated\nPlease use " long_form         \
	" instead"

static const struct refused_row rows[] = {
	ROW("server-nowait", NULL, "-chardev", "socket,id=c,path=c.sock,server,nowait",
	    EVER(SHORT("server", "server=on") "\n" SHORT("nowait", "wait=off"))),
	ROW("nodelay", NULL, "-chardev",
	    "socket,id=c,host=127.0.0.1,port=0,server=on,wait=off,nodelay",
	    EVER(SHORT("nodelay", "nodelay=on"))),
	/* The only one whose long name has the "no" in it: get_opt_name_value(). */
	ROW("delay", NULL, "-chardev", "socket,id=c,host=127.0.0.1,port=0,server=on,wait=off,delay",
	    EVER(SHORT("delay", "nodelay=off"))),
	ROW("ipv4", NULL, "-chardev", "socket,id=c,host=127.0.0.1,port=0,server=on,wait=off,ipv4",
	    EVER(SHORT("ipv4", "ipv4=on"))),
	ROW("telnet", NULL, "-chardev",
	    "socket,id=c,host=127.0.0.1,port=0,server=on,wait=off,telnet",
	    EVER(SHORT("telnet", "telnet=on"))),
	ROW("websocket", NULL, "-chardev",
	    "socket,id=c,host=127.0.0.1,port=0,server=on,wait=off,websocket",
	    EVER(SHORT("websocket", "websocket=on"))),
	ROW("mux", NULL, "-chardev", "null,id=c,mux", EVER(SHORT("mux", "mux=on"))),
	ROW("nomux", NULL, "-chardev", "null,id=c,nomux", EVER(SHORT("nomux", "mux=off"))),
	ROW("append", NULL, "-chardev", "file,id=c,path=/dev/null,append",
	    EVER(SHORT("append", "append=on"))),
	ROW("logappend", NULL, "-chardev", "null,id=c,logfile=/dev/null,logappend",
	    EVER(SHORT("logappend", "logappend=on"))),
	ROW("nosignal", NULL, "-chardev", "stdio,id=c,nosignal",
	    EVER(SHORT("nosignal", "signal=off"))),
	/* What is written as one word has always been short: no complaint. */
	ROW("serial-tcp", NULL, "-serial", "tcp:127.0.0.1:0,server,nowait,nodelay", EVER("")),
	ROW("serial-telnet", NULL, "-serial", "telnet:127.0.0.1:0,server,nowait", EVER("")),
	ROW("serial-unix", NULL, "-serial", "unix:c.sock,server,nowait", EVER("")),
	ROW("mon", "-chardev null,id=c", "-mon", "c", TILL(MON_DEPRECATED, ""),
	    EVER("~" MON_WARNING)),
	ROW("monitor", NULL, "-monitor", "null", EVER("")),
	ROW("qmp", NULL, "-qmp", "null", EVER("")),
};

CASE(warns, .id = "option.warns",
     .title = "QEMU starts with a form of an option that is deprecated, and names the one to use; "
	      "of the others it says nothing",
     .clause = "qemu/docs/about/deprecated.rst; util/qemu-option.c; system/vl.c -mon",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"row", NULL},
     .rows = ROWS(rows))
{
	warned_judge(t);
}
