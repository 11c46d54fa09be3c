/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tsc.h - the host's time stamp counter, which TCG passes on to an x86 guest */
#ifndef VM_TSC_H
#define VM_TSC_H

/** tsc_khz() - How fast it counts, to the nearest 50 MHz, so that a guest's command line is the
 * same from run to run; 0: this host has none. Takes 2 ms once */
unsigned long tsc_khz(void);

#endif
