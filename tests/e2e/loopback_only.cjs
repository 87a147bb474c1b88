"use strict";
// Loaded with --require into every Node process of an end-to-end test: nothing but loopback can be reached.
const dns = require("node:dns");
const net = require("node:net");
const os = require("node:os");
const { promisify } = require("node:util");

const loopback = new net.BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("0.0.0.0", "ipv4");
loopback.addAddress("::", "ipv6");
loopback.addAddress("::1", "ipv6");

function allowed(host) {
  if (!host || host === "localhost" || host === os.hostname()) return true;
  const family = net.isIP(host);
  return family !== 0 && loopback.check(host, family === 4 ? "ipv4" : "ipv6");
}

// The vendor's hosts lead to the stand-in of the test, where it has one.
const vendor = /^(coding\.|coding-intl\.)?dashscope(-intl)?\.aliyuncs\.com$/;
const planPort = Number(process.env.CLAWMEND_E2E_PLAN_PORT || 0);
const stood = (host) => planPort > 0 && typeof host === "string" && vendor.test(host);

function refusal(hostname) {
  const fields = { code: "ENOTFOUND", errno: -3008, syscall: "getaddrinfo", hostname };
  return Object.assign(new Error(`loopback only: ${hostname}`), fields);
}

const promised = dns.promises.lookup;
dns.promises.lookup = (host, options) =>
  stood(host)
    ? promised.call(dns.promises, "127.0.0.1", options)
    : allowed(host) ? promised.call(dns.promises, host, options) : Promise.reject(refusal(host));

const lookup = dns.lookup;
dns.lookup = function (host, ...rest) {
  if (stood(host)) return lookup.call(dns, "127.0.0.1", ...rest);
  if (allowed(host)) return lookup.call(dns, host, ...rest);
  process.nextTick(rest.at(-1), refusal(host));
};
dns.lookup[promisify.custom] = dns.promises.lookup;
dns.setServers(["127.0.0.1:9"]);

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...given) {
  const first = Array.isArray(given[0]) ? given[0][0] : given[0];
  const host = first !== null && typeof first === "object" ? first.host : given[1];
  if (stood(host) && first !== null && typeof first === "object") {
    first.port = planPort;
    first.lookup = dns.lookup;
  }
  if (typeof host === "string" && net.isIP(host) && !allowed(host)) {
    process.nextTick(() => this.destroy(refusal(host)));
    return this;
  }
  return connect.apply(this, given);
};
