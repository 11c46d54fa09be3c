// SPDX-License-Identifier: GPL-2.0-or-later
/* script.c - steps as text and back */
#include "harness/wire/script.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"

static const struct wire_op ops[WIRE_VERBS] = {
	[WIRE_START] = {"start", "t",
			"reset, negotiate, set up the queues, fill them, DRIVER_OK; words: "
			"no-event-idx no-indirect no-multiport no-version-1 no-packed no-in-order "
			"no-ring-reset no-ok no-rx no-ctl pin ring=N rx=N rxsize=N ctl=N"},
	[WIRE_CTL] = {"ctl", "nen", "a control message: id, event, value"},
	[WIRE_POST] = {"post", "qnn", "writable buffers: queue, how many, of what size; no kick"},
	[WIRE_KICK] = {"kick", "q", "notify the device of the queue"},
	[WIRE_SEND] = {"send", "nnt",
		       "a buffer of bytes on a port's transmit queue: port, size; "
		       "words: split=A+B+.. indirect no-kick"},
	[WIRE_IRQ] = {"irq", "qnn",
		      "what the queue's interrupts are wanted for: 0 all, 1 none, 2 the "
		      "one after so many more"},
	[WIRE_RESTART] = {"restart", "", "write 0 to the status; the rings are forgotten"},
	[WIRE_UNBIND] = {"unbind", "",
			 "let go of the device as Linux does: status 0, no vectors, queues off, no "
			 "bus master"},
	[WIRE_CTLRAW] = {"ctlraw", "t", "any bytes on the control queue: HEX, or HEX and A+B+.."},
	[WIRE_CHAIN] = {"chain", "qt",
			"descriptors as they are, then a kick: rLEN, wLEN, each with "
			"@ADDR, :NEXT (or :end), !FLAGS; first word indirect: in a table"},
	[WIRE_HEAD] = {"head", "qn", "split: make this descriptor available, then a kick"},
	[WIRE_JUMP] = {"jump", "qn", "split: move the available index by so many, then a kick"},
	[WIRE_STATUS] = {"status", "n", "write the device status"},
	[WIRE_CFG] = {"cfg", "nn", "read the configuration: offset, width"},
	[WIRE_CFGSET] = {"cfgset", "nnn", "write it: offset, width, value"},
	[WIRE_FEAT] = {"feat", "n", "read the word of the offered features with this selector"},
	[WIRE_FEATSET] = {"featset", "nn", "write a word of the accepted features: selector, word"},
	[WIRE_QUEUE] = {"queue", "q", "read the queue's size and whether it is enabled"},
	[WIRE_QSIZE] = {"qsize", "qn", "set the queue up again, with this size"},
	[WIRE_QOFF] = {"qoff", "q", "MMIO: QueueReady 0; legacy: address 0; PCI: queue_enable 0"},
	[WIRE_QON] = {"qon", "q", "set the queue up again, empty"},
	[WIRE_QRESET] = {"qreset", "q", "write 1 to the queue's reset register"},
	[WIRE_QENABLE] = {"qenable", "n", "set up a queue by its number, which need not exist"},
	[WIRE_QADDR] = {"qaddr", "qt",
			"set the queue up again, elsewhere; words: desc=ADDR driver=ADDR "
			"device=ADDR"},
	[WIRE_PEEK] = {"peek", "q", "split: sums of the table and the available ring as they lie"},
	[WIRE_MASTER] = {"master", "n", "PCI: bus mastering on (1) or off (0)"},
	[WIRE_MASK] = {"mask", "n", "MSI-X: mask a vector, and say whether it is pending"},
	[WIRE_UNMASK] = {"unmask", "n", "unmask it; say the same, before and after"},
	[WIRE_WINDOW] = {"window", "nn",
			 "PCI: read the configuration through the PCI_CFG window: offset, width"},
	[WIRE_WREAD] = {"wread", "nnn",
			"PCI: a dword of the window's data, read with these in its fields: BAR, "
			"offset, length"},
	[WIRE_WWRITE] = {"wwrite", "nnnn", "PCI: the same, written: BAR, offset, length, dword"},
	[WIRE_FLR] = {"flr", "", "PCI Express: a function level reset, if it says that it can"},
	[WIRE_PM] = {"pm", "n", "PCI Express: write the power state, 0 for D0 to 3 for D3hot"},
	[WIRE_HOPEN] = {"hopen", "n", "the host connects to the port's backend"},
	[WIRE_HCLOSE] = {"hclose", "n", "the host leaves"},
	[WIRE_HSEND] = {"hsend", "nn", "the host sends: port, how many bytes"},
	[WIRE_STALL] = {"stall", "n", "the host reads no more from the port"},
	[WIRE_UNSTALL] = {"unstall", "n", "it reads again"},
	[WIRE_PLUG] = {"plug", "nt", "plug a port: number, serial or console, name"},
	[WIRE_UNPLUG] = {"unplug", "n", "unplug it"},
	[WIRE_STOP] = {"stop", "", "stop the machine"},
	[WIRE_CONT] = {"cont", "", "let it go on"},
	[WIRE_RESET] = {"reset", "", "reset the machine"},
	[WIRE_SAVELOAD] = {"saveload", "t",
			   "save, and load into a new machine; words: host ends that "
			   "are open there, by number; ports=0c,1s:NAME, max_ports=8: what that "
			   "machine has, if it is not the same (capitals: without a backend)"},
	[WIRE_CUNPLUG] = {"cunplug", "", "unplug the whole controller"},
	[WIRE_CPLUG] = {"cplug", "", "plug it again, with its ports as at first"},
	[WIRE_DETACH] = {"detach", "n", "unplug a port and leave its backend"},
	[WIRE_BDEL] = {"bdel", "n", "take the port's backend away"},
	[WIRE_BADD] = {"badd", "n", "make one for it again"},
	[WIRE_BSWAP] = {"bswap", "n",
			"another backend in the place of the port's, with nobody there"},
	[WIRE_W] = {"w", "nn", "UART: write a register: number, value"},
	[WIRE_R] = {"r", "n", "UART: read a register"},
	[WIRE_WW] = {"ww", "nnn", "UART: a wide write: register, width, value"},
	[WIRE_RW] = {"rw", "nn", "UART: a wide read: register, width"},
	[WIRE_TAKE] = {"take", "n", "UART: read so many bytes, each as soon as LSR says DR"},
	[WIRE_FILL] = {"fill", "", "UART: bytes to a stalled host until one is not taken"},
	[WIRE_TIMEOUT] = {"timeout", "",
			  "UART: write 1 to IER, wait for a character timeout in IIR"},
	[WIRE_BREAK] = {"break", "n", "UART: a break from the host of this port"},
	[WIRE_AT] = {"at", "n", "UART: go on with the registers of this port"},
};

static const char *const events[] = {"READY",	"ADD",	  "REMOVE", "PORT",
				     "CONSOLE", "RESIZE", "OPEN",   "NAME"};
#define EVENTS (sizeof(events) / sizeof(*events))

const struct wire_op *wire_op(enum wire_verb verb)
{
	return &ops[verb];
}

void wire_queue_name(unsigned q, struct buf *b)
{
	bool tx = q % 2;

	if (q == 2 || q == 3)
		buf_addf(b, "c%s", tx ? "tx" : "rx");
	else
		buf_addf(b, "%s%u", tx ? "tx" : "rx", q < 2 ? 0 : (q - 2) / 2);
}

static bool number(const char *word, uint32_t *n)
{
	unsigned long long v;
	char *end;

	if (strcmp(word, "-1") == 0) {
		*n = UINT32_MAX;
		return true;
	}
	if (*word < '0' || *word > '9')
		return false;
	v = strtoull(word, &end, 0);
	*n = (uint32_t)v;
	return !*end && v <= UINT32_MAX;
}

static bool queue(const char *word, uint32_t *q)
{
	uint32_t port;

	if (strcmp(word, "crx") == 0 || strcmp(word, "ctx") == 0) {
		*q = word[1] == 't' ? 3 : 2;
		return true;
	}
	if ((strncmp(word, "rx", 2) != 0 && strncmp(word, "tx", 2) != 0) ||
	    !number(word + 2, &port) || port > 511)
		return false;
	*q = (port ? 2 * port + 2 : 0) + (word[0] == 't');
	return true;
}

static bool event(const char *word, uint32_t *e)
{
	for (size_t i = 0; i < EVENTS; i++)
		if (strcmp(word, events[i]) == 0) {
			*e = (uint32_t)i;
			return true;
		}
	return number(word, e);
}

static bool take_word(struct wire_step *s, char kind, const char *word, size_t *n)
{
	bool ok = kind == 'q'	? queue(word, &s->n[*n])
		  : kind == 'e' ? event(word, &s->n[*n])
				: number(word, &s->n[*n]);

	(*n)++;
	return ok;
}

static bool take_text(struct wire_step *s, const struct strv *words, size_t from)
{
	struct buf b = BUF_INIT;
	bool fits;

	for (size_t i = from; i < words->n; i++)
		buf_addf(&b, "%s%s", i > from ? " " : "", words->v[i]);
	fits = b.len < sizeof(s->text);
	if (fits)
		memcpy(s->text, b.data, b.len + 1);
	buf_release(&b);
	return fits;
}

static bool parse_words(struct wire_step *s, const struct strv *words, struct buf *why)
{
	size_t verb = 0, n = 0, at = 1;
	const char *kind;

	while (verb < WIRE_VERBS && strcmp(ops[verb].name, words->v[0]) != 0)
		verb++;
	if (verb == WIRE_VERBS) {
		buf_addf(why, "no step is called '%s'", words->v[0]);
		return false;
	}
	s->verb = (enum wire_verb)verb;
	for (kind = ops[verb].args; *kind && *kind != 't'; kind++, at++)
		if (at >= words->n || !take_word(s, *kind, words->v[at], &n)) {
			buf_addf(why, "'%s' wants %s (%s)", words->v[0], ops[verb].does,
				 at < words->n ? words->v[at] : "a word is missing");
			return false;
		}
	if (*kind != 't' && at < words->n)
		buf_addf(why, "'%s' has a word too many: %s", words->v[0], words->v[at]);
	else if (*kind == 't' && !take_text(s, words, at))
		buf_addf(why, "the words of '%s' are too long", words->v[0]);
	else
		return true;
	return false;
}

void wire_script_add(struct wire_script *s, const struct wire_step *step)
{
	s->steps = xrealloc(s->steps, (s->n + 1) * sizeof(*s->steps));
	s->steps[s->n++] = *step;
}

void wire_script_copy(struct wire_script *to, const struct wire_script *from)
{
	for (size_t i = 0; i < from->n; i++)
		wire_script_add(to, &from->steps[i]);
}

void wire_script_release(struct wire_script *s)
{
	free(s->steps);
	*s = (struct wire_script){NULL, 0};
}

bool wire_script_parse(struct wire_script *s, const char *text, struct buf *why)
{
	struct strv lines = {NULL, 0};
	size_t before = s->n;
	bool ok = true;

	strv_split(&lines, text, ";\n");
	for (size_t i = 0; ok && i < lines.n; i++) {
		struct strv words = {NULL, 0};
		struct wire_step step = {0};

		lines.v[i][strcspn(lines.v[i], "#")] = '\0';
		strv_split(&words, lines.v[i], " \t\r");
		if (words.n) {
			ok = parse_words(&step, &words, why);
			if (ok)
				wire_script_add(s, &step);
		}
		strv_release(&words);
	}
	strv_release(&lines);
	if (!ok)
		s->n = before;
	return ok;
}

void wire_step_text(const struct wire_step *step, struct buf *b)
{
	size_t n = 0;

	buf_addstr(b, ops[step->verb].name);
	for (const char *kind = ops[step->verb].args; *kind; kind++) {
		uint32_t value = *kind == 't' ? 0 : step->n[n++];

		if (*kind == 't' && !*step->text)
			continue;
		buf_addstr(b, " ");
		if (*kind == 't')
			buf_addstr(b, step->text);
		else if (*kind == 'q')
			wire_queue_name(value, b);
		else if (*kind == 'e' && value < EVENTS)
			buf_addstr(b, events[value]);
		else if (value == UINT32_MAX)
			buf_addstr(b, "-1");
		else
			buf_addf(b, value > 0xffff ? "0x%x" : "%u", value);
	}
}

void wire_script_text(const struct wire_script *s, const char *between, struct buf *b)
{
	for (size_t i = 0; i < s->n; i++) {
		if (i)
			buf_addstr(b, between);
		wire_step_text(&s->steps[i], b);
	}
}

void wire_script_c(const struct wire_script *s, struct buf *b)
{
	for (size_t i = 0; i < s->n; i++) {
		buf_addstr(b, "\t\"");
		wire_step_text(&s->steps[i], b);
		buf_addstr(b, "\\n\"\n");
	}
}

void wire_script_help(struct buf *b)
{
	for (size_t i = 0; i < WIRE_VERBS; i++)
		buf_addf(b, "  %-9s %s\n", ops[i].name, ops[i].does);
}
