// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * refused_foreign.c - options that do not belong to a backend, or together
 *
 * QMP refuses what is no member of a backend's data (qapi/char.json: "Parameter 'x' is unexpected").
 * The command line must not promise with silence what it does not do.
 */
#include "cases/commandline/refused.h"

#define SERVER		     "server=on,wait=off"
#define TCP		     "socket,id=x,host=127.0.0.1,port=0," SERVER
#define UNIX		     "socket,id=x,path=s," SERVER
#define UDP		     "udp,id=x,host=127.0.0.1,port=1"
#define PATH_50		     "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"
#define FOREIGN(name, value) ROW(name, NULL, "-chardev", value, EVER(ANYTHING))

static const struct refused_row rows[] = {
	/* another backend's: one list of options serves all, chardev/char.c qemu_chardev_opts */
	FOREIGN("null-path", "null,id=x,path=f"),
	FOREIGN("file-host", "file,id=x,path=/dev/null,host=localhost"),
	FOREIGN("file-size", "file,id=x,path=/dev/null,size=4"),
	FOREIGN("pty-size", "pty,id=x,size=4"),
	FOREIGN("stdio-path", "stdio,id=x,path=f"),
	FOREIGN("ringbuf-path", "ringbuf,id=x,path=f"),
	FOREIGN("vc-path", "vc,id=x,path=f"),
	FOREIGN("vdagent-name", "qemu-vdagent,id=x,name=vdagent"),
	FOREIGN("msmouse-path", "msmouse,id=x,path=f"),
	FOREIGN("wctablet-size", "wctablet,id=x,size=4"),
	FOREIGN("testdev-path", "testdev,id=x,path=f"),
	FOREIGN("udp-server", UDP ",server=on"),
	FOREIGN("udp-path", UDP ",path=s"),
	FOREIGN("socket-size", TCP ",size=4"),
	FOREIGN("socket-localport", TCP ",localport=1"),
	/* another kind of socket's: qapi/sockets.json */
	FOREIGN("unix-port", UNIX ",port=1"),
	FOREIGN("unix-to", UNIX ",to=1"),
	FOREIGN("unix-ipv4", UNIX ",ipv4=on"),
	FOREIGN("unix-nodelay", UNIX ",nodelay=on"),
	FOREIGN("unix-tight-alone", UNIX ",tight=off"),
	FOREIGN("tcp-abstract", TCP ",abstract=on"),
	FOREIGN("tcp-tight", TCP ",tight=off"),
	/* what cannot both be */
	FOREIGN("telnet-tn3270", TCP ",telnet=on,tn3270=on"),
	FOREIGN("vc-pixels-cells", "vc,id=x,width=800,height=600,cols=80,rows=24"),
	FOREIGN("backend-twice", "null,backend=ringbuf,id=x"),
	FOREIGN("id-again", "null,id=x,id=y"),
	FOREIGN("logappend-alone", "null,id=x,logappend=on"),
	/* what is no such thing */
	FOREIGN("port-65536", "socket,id=x,host=127.0.0.1,port=65536," SERVER),
	FOREIGN("fd-empty", "socket,id=x,fd=," SERVER),
	FOREIGN("nothing-to-listen-on", "socket,id=x," SERVER),
	FOREIGN("path-108", "socket,id=x," SERVER ",path=" PATH_50 PATH_50 "aaaaaaaa"),
	FOREIGN("serial-null", "serial,id=x,path=/dev/null"),
	FOREIGN("spicevmc-no-spice", "spicevmc,id=x,name=vdagent"),
	FOREIGN("dbus-no-display", "dbus,id=x,name=a"),
	ROW("vc-tail", NULL, "-serial", "vc:80x24Cz", EVER(ANYTHING)),
	ROW("parallel-null", NULL, "-parallel", "/dev/null", EVER(ANYTHING)),
	/* a hub beside a mux: chardev/char-hub.c refuses them stacked the other way round */
	ROW("mux-of-hub", "-chardev null,id=n -chardev hub,id=h,chardevs.0=n", "-chardev",
	    "mux,id=x,chardev=h", EVER(ANYTHING)),
	ROW("hub-as-mux", "-chardev null,id=n", "-chardev", "hub,id=h,chardevs.0=n,mux=on",
	    EVER(ANYTHING)),
};

REFUSED(foreign, "options that do not belong to a chardev, or together, are refused",
	"qapi/char.json; docs/system/mux-chardev.rst.inc", rows)
