/** Kamailio in its fastest fair configuration for each of the things that the platform is compared with. */

function common(port: number, workers: number, modules: readonly string[]): string {
  return `#!KAMAILIO
debug=0
log_stderror=yes
fork=yes
children=${workers}
disable_tcp=yes
auto_aliases=no
maxbuffer=8388608
dns_retr_time=1
dns_retr_no=1
dns_servers_no=1
dns_use_search_list=no
listen=udp:127.0.0.1:${port}
${['tm', 'sl', 'pv', ...modules].map((name) => `loadmodule "${name}.so"`).join('\n')}
# Finished transactions are forgotten sooner than RFC 3261 has it (T4), or memory would bound it.
modparam("tm", "wt_timer", 1000)
`;
}

/** Answers every call 302, statefully, and looks nothing up. */
export function plainRedirect(port: number, psapUri: string): string {
  return `${common(port, 1, [])}
request_route {
    if ($rm == "ACK") {
        t_check_trans();
        exit;
    }
    $ru = "${psapUri}";
    t_newtran();
    t_reply("302", "Moved Temporarily");
    exit;
}
`;
}

/** Relays every call to one place, statefully, and its dialog by Record-Route. */
export function plainRelay(port: number, psapPort: number): string {
  return `${common(port, 1, ['rr', 'siputils'])}
request_route {
    if (has_totag()) {
        loose_route();
        t_relay();
        exit;
    }
    record_route();
    $du = "sip:127.0.0.1:${psapPort}";
    t_relay();
    exit;
}
`;
}

/** Asks a LIS by HELD and an ECRF by LoST over connections that stay open, and answers 302 with what they said. */
export function askingRedirect(port: number, helpers: { lisUrl: string; ecrfUrl: string }): string {
  // With more workers than cores it answers while others of them wait for their answers.
  return `${common(port, 4, ['http_client', 'lost'])}
modparam("http_client", "query_result", 0)
modparam("http_client", "keep_connections", 1)
modparam("http_client", "connection_timeout", 5)
modparam("http_client", "httpcon", "held=>${helpers.lisUrl}")
modparam("http_client", "httpcon", "lost=>${helpers.ecrfUrl}")
modparam("lost", "location_type", "any")
modparam("lost", "verbose", 0)
request_route {
    if ($rm == "ACK") {
        t_check_trans();
        exit;
    }
    $var(pidf) = "";
    $var(url) = "";
    $var(uri) = "";
    $var(name) = "";
    $var(err) = "";
    lost_held_query("held", "$fu", "$var(pidf)", "$var(url)", "$var(err)");
    lost_query("lost", "$var(pidf)", "urn:service:sos", "$var(uri)", "$var(name)", "$var(err)");
    if ($var(uri) == "") {
        sl_send_reply("500", "Not routed");
        exit;
    }
    $ru = $var(uri);
    t_newtran();
    t_reply("302", "Moved Temporarily");
    exit;
}
`;
}
