/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/types.h"

#include <stddef.h>
#include <strings.h>

/* Registered service names (RFC 6335) that one meets. */
static const struct {
	const char *type, *name;
} types[] = {
	{"_afpovertcp._tcp", "Apple File Sharing"},
	{"_amqp._tcp", "AMQP Message Broker"},
	{"_caldav._tcp", "Calendar (CalDAV)"},
	{"_caldavs._tcp", "Secure Calendar (CalDAV)"},
	{"_carddav._tcp", "Contacts (CardDAV)"},
	{"_carddavs._tcp", "Secure Contacts (CardDAV)"},
	{"_coap._udp", "CoAP"},
	{"_dns-push-tls._tcp", "DNS Push Notifications"},
	{"_domain._tcp", "DNS over TCP"},
	{"_domain._udp", "DNS"},
	{"_etcd-client._tcp", "etcd"},
	{"_ftp._tcp", "FTP File Transfer"},
	{"_git._tcp", "Git Repository"},
	{"_grpc._tcp", "gRPC"},
	{"_http._tcp", "Web Site"},
	{"_https._tcp", "Secure Web Site"},
	{"_imap._tcp", "Mail (IMAP)"},
	{"_imaps._tcp", "Secure Mail (IMAP)"},
	{"_ipp._tcp", "Internet Printer"},
	{"_ipps._tcp", "Secure Internet Printer"},
	{"_jabber._tcp", "Jabber"},
	{"_kerberos._tcp", "Kerberos over TCP"},
	{"_kerberos._udp", "Kerberos"},
	{"_ldap._tcp", "LDAP Directory"},
	{"_ldaps._tcp", "Secure LDAP Directory"},
	{"_matrix._tcp", "Matrix"},
	{"_mongodb._tcp", "MongoDB"},
	{"_mqtt._tcp", "MQTT"},
	{"_mysql._tcp", "MySQL"},
	{"_nats._tcp", "NATS"},
	{"_nfs._tcp", "Network File System"},
	{"_ntp._udp", "Network Time"},
	{"_pop3._tcp", "Mail (POP3)"},
	{"_postgresql._tcp", "PostgreSQL"},
	{"_printer._tcp", "LPD Printer"},
	{"_prometheus._tcp", "Prometheus Metrics"},
	{"_redis._tcp", "Redis"},
	{"_rfb._tcp", "VNC Remote Desktop"},
	{"_rtsp._tcp", "RTSP Stream"},
	{"_sftp-ssh._tcp", "SFTP File Transfer"},
	{"_sip._tcp", "SIP Telephony over TCP"},
	{"_sip._udp", "SIP Telephony"},
	{"_smb._tcp", "Microsoft File Sharing"},
	{"_smtp._tcp", "Mail Transfer"},
	{"_ssh._tcp", "SSH Remote Login"},
	{"_submission._tcp", "Mail Submission"},
	{"_syslog._udp", "System Log"},
	{"_telnet._tcp", "Telnet Remote Login"},
	{"_tftp._udp", "Trivial File Transfer"},
	{"_webdav._tcp", "WebDAV File Sharing"},
	{"_webdavs._tcp", "Secure WebDAV File Sharing"},
	{"_weft._tcp", "weft Registry"},
	{"_workstation._tcp", "Workstation"},
	{"_xmpp-client._tcp", "XMPP Client"},
	{"_xmpp-server._tcp", "XMPP Server"},
};

const char *service_types_name(const char *type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strcasecmp(types[i].type, type) == 0)
			return types[i].name;
	return type;
}
