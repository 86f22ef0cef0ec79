/* Words to systemd over NOTIFY_SOCKET, as sd_notify(3) sends them; nothing happens when there is no
 * such socket. */
#ifndef KONTOR_APP_NOTIFY_H
#define KONTOR_APP_NOTIFY_H

#include <stdint.h>

/* "READY=1", "STOPPING=1", "WATCHDOG=1", "RELOADING=1\nMONOTONIC_USEC=…" */
void notify_send(const char *state);
int64_t notify_watchdog_ms(void); /* how often WATCHDOG=1 is due at the latest; 0: no watchdog */

#endif
