#include "net/discovery/dns_source.hpp"

#include <utility>

namespace beamline::net {

namespace {

bool is_ipv6(const std::string& host) { return host.find(':') != std::string::npos; }

source_answer read(const discovery_query& q, dns_record what, const result<name_answer>& r) {
  if (!r && r.error().code == errc::not_found)
    return {.what = source_answer::kind::nobody};
  if (!r)
    return {.what = source_answer::kind::failed, .why = r.error().message};
  source_answer out{.what = source_answer::kind::nobody};
  for (const auto& e : *r) {
    auto at = canonical_endpoint(what == dns_record::address ? endpoint{e.host, q.port} : e);
    if (!at)
      ++out.unusable;
    else if (what == dns_record::service || (is_ipv6(at->host) ? q.records.aaaa : q.records.a))
      out.found.push_back({*at, {.role = q.role}});
  }
  if (!out.found.empty())
    out.what = source_answer::kind::found;
  if ((r->lacks_a && q.records.a) || (r->lacks_aaaa && q.records.aaaa)) {
    out.what = out.found.empty() ? source_answer::kind::failed : source_answer::kind::partial;
    out.why = r->why;
  }
  return out;
}

std::string label_of(const discovery_query& q, dns_record what) {
  if (what == dns_record::service)
    return q.name + " (srv)";
  return q.name + (q.records.a && q.records.aaaa ? " (a, aaaa)" : q.records.a ? " (a)" : " (aaaa)");
}

}  // namespace

dns_source::dns_source(const discovery_query& q, dns_record what, resolver& names, event_loop& loop)
    : query_{q}, what_{what}, names_{names}, loop_{loop}, label_{label_of(q, what)} {}

void dns_source::resolve(on_answer done) {
  loop_.post([&names = names_, q = query_, what = what_, done = std::move(done)] {
    names.resolve(what, q.name, [q, what, done](const result<name_answer>& r) { done(read(q, what, r)); });
  });
}

}  // namespace beamline::net
