#pragma once

#include "base/cluster_options.hpp"
#include "base/result.hpp"
#include "net/discovery/ports.hpp"
#include "net/event_loop.hpp"
#include "net/links.hpp"
#include "net/resolver.hpp"
#include "program/current.hpp"
#include "program/node_parts.hpp"
#include "supervision/component.hpp"

#include <functional>
#include <memory>
#include <string>

namespace beamline::program {

/// What a node's links are made of, for those who need more than `peers`.
struct running_links {
  net::links& links;
  net::resolver& names;
  net::event_loop& loop;
};

/// The links that run now, for those who look from outside.
struct shown_links {
  current<net::links> links;
  current<running_links> parts;
};

/// The links of the moment, for processes that outlive them for a moment: what is asked while there are none is
/// dropped, or answered as if the links had stopped. Thread-safe.
class links_ports final : public net::resolver, public net::event_loop {
public:
  explicit links_ports(const current<running_links>& shown) : shown_{shown} {}

  void resolve(net::dns_record what, const std::string& name, on_answer done) override;
  void post(std::function<void()> fn) override;
  [[nodiscard]] net::discovery_ports for_discovery();

private:
  const current<running_links>& shown_;
};

/// The cookies of `[cluster]`, from where it says. Reads files. Errors name the key and the remedy.
[[nodiscard]] result<net::keyring> read_keys(const cluster_options& o);

/// The links of a node as a component: the net thread, the machine's network with or without TLS, DNS, CAF's middleman,
/// and the links over all of it. While they run, `on.peers` leads to them and `shown` shows them.
///
/// Errors name the key in `[cluster]`: a port that is taken, a cookie that cannot be read, certificates that are wrong.
[[nodiscard]] result<std::unique_ptr<supervision::component>> start_links(node_parts& on, shown_links& shown);

}  // namespace beamline::program
