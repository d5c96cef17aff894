#include "program/links_component.hpp"

#include "net/cluster_settings.hpp"
#include "net/machine/machine_links.hpp"
#include "net/tcp/tls_context.hpp"
#include "program/cookie_file.hpp"

#include <utility>

namespace beamline::program {

namespace {

// For the goodbyes, which have their own limit within it; whoever has not heard it by then sees the connection close.
constexpr std::chrono::seconds goodbye_time{2};

result<std::shared_ptr<const net::tls_context>> tls_of(const cluster_options& o, node_parts& on) {
  if (!o.has_tls())
    return std::shared_ptr<const net::tls_context>{};
  return net::tls_context::load({o.tls_certificate.string(), o.tls_key.string(), o.tls_ca.string()}, on.clock, on.log);
}

net::cookie_reader reader_of(const cluster_options& o) {
  return [dir = o.credentials_dir](const std::filesystem::path& file) { return read_cookie_file(file, dir); };
}

/// Made and ended on the component's executor.
class links_component final : public supervision::component {
public:
  links_component(node_parts& on, shown_links& shown) : on_{on}, shown_{shown} {}

  result<void> start() {
    const auto o = on_.section(on_.schema.cluster);
    auto read = reader_of(o);
    auto options =
        net::links_options_of(o, {.role = on_.section(on_.schema.node).role, .version = BEAMLINE_VERSION}, read);
    if (!options)
      return options.error();
    for (const auto& warning : net::warnings_of(o))
      on_.log.warn("net", warning);
    auto tls = tls_of(o, on_);
    if (!tls)
      return tls.error().in("cluster");
    auto made = net::machine_links::start(*on_.home, {.links = std::move(*options), .tls = std::move(*tls)});
    if (!made)
      return made.error();
    machine_ = std::move(*made);
    show();
    return {};
  }

  void stop(const reason&) override {
    shown_.links.clear();
    shown_.parts.clear();
    machine_->close(goodbye_time);
    on_.peers.use(nullptr);
  }

private:
  void show() {
    const auto& links = machine_->get();
    parts_.emplace(running_links{*links, machine_->names(), machine_->thread()});
    on_.peers.use(links);
    shown_.parts.set(*parts_);
    shown_.links.set(*links);
    if (auto at = links->listens_at())
      on_.log.info("net", "links are accepted", {{"address", to_string(*at)}, {"advertised", links->card().endpoint}});
  }

  node_parts& on_;
  shown_links& shown_;
  std::unique_ptr<net::machine_links> machine_;
  std::optional<running_links> parts_;
};

}  // namespace

result<net::keyring> read_keys(const cluster_options& o) { return net::keyring_of(o, reader_of(o)); }

void links_ports::resolve(net::dns_record what, const std::string& name, on_answer done) {
  shown_.with([&](const running_links& l) { l.names.resolve(what, name, std::move(done)); });
}

void links_ports::post(std::function<void()> fn) {
  shown_.with([&](const running_links& l) { l.loop.post(std::move(fn)); });
}

net::discovery_ports links_ports::for_discovery() {
  net::discovery_ports p;
  p.dial = [this](const net::endpoint& to, const net::expectation& who, net::links::on_connect done) {
    bool is_there = false;
    shown_.with([&](const running_links& l) {
      is_there = true;
      l.links.connect(to, who, done);
    });
    if (!is_there)
      done({net::connect_outcome::kind::stopped, {}, "the links of this node do not run"});
  };
  p.disconnect = [this](std::string_view node) {
    shown_.with([&](const running_links& l) { (void)l.links.disconnect(node); });
  };
  p.hints = [this](std::function<void(const std::vector<net::links::hint>&)> told) {
    shown_.with([&](const running_links& l) { l.links.on_hints(std::move(told)); });
  };
  p.names = this;
  p.loop = this;
  return p;
}

result<std::unique_ptr<supervision::component>> start_links(node_parts& on, shown_links& shown) {
  auto made = std::make_unique<links_component>(on, shown);
  if (auto done = made->start(); !done)
    return done.error();
  return std::unique_ptr<supervision::component>{std::move(made)};
}

}  // namespace beamline::program
