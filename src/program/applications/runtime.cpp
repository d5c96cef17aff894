#include "program/applications/runtime.hpp"

#include "net/interim_broadcast.hpp"
#include "net/interim_rpc.hpp"
#include "supervision/component.hpp"

namespace beamline::program {

namespace {

/// The link as a component: what it was is given back on its own thread.
class link_part final : public supervision::component {
public:
  link_part(std::unique_ptr<net::interim_link> link, net::peers_switch& peers, current<net::interim_link>& shown)
      : link_{std::move(link)}, peers_{peers}, shown_{shown} {
    peers_.use(link_->share_peers());
    shown_.set(*link_);
  }

  void stop(const reason&) override {
    shown_.clear();
    link_->close();  // Peers are told goodbye.
    peers_.use(nullptr);
  }

private:
  std::unique_ptr<net::interim_link> link_;
  net::peers_switch& peers_;
  current<net::interim_link>& shown_;
};

}  // namespace

/// When it runs, the services that peers ask for are registered.
class runtime::link_opener final : public process {
public:
  link_opener(process_context& c, runtime* of) : process{c}, of_{*of} {}
  behavior init() override {
    of_.open_if_allowed();
    return {};
  }

private:
  runtime& of_;
};

void runtime::open_if_allowed() {
  if (is_allowed_)
    link_.with([](net::interim_link& link) { link.begin(); });
}

supervision::child_spec runtime::link_child() {
  auto start = [this](const supervision::component_context& c) -> result<std::unique_ptr<supervision::component>> {
    auto o = on_.section(on_.schema.cluster);
    auto link = net::interim_link::start(*on_.home, {.bind = o.bind,
                                                     .port = o.port,
                                                     .endpoints = o.peers,
                                                     .role = on_.section(on_.schema.node).role,
                                                     .ended = c.failed});
    if (!link)
      return link.error();
    return std::unique_ptr<supervision::component>{std::make_unique<link_part>(std::move(*link), on_.peers, link_)};
  };
  return supervision::child_component("link", start, on_.threads.add("link"));
}

supervision::application runtime::application() {
  supervision::application a{.name = "runtime", .description = "links, calls and broadcasts between nodes"};
  a.type = supervision::application_type::permanent;
  a.start = [this, link = on_.section(on_.schema.cluster).enabled ? std::optional{link_child()} : std::nullopt](
                supervision::application_context&) -> supervision::application_start {
    supervision::supervisor_spec top{.flags = {.strategy = supervision::strategy::rest_for_one}};
    if (link)
      top.children.push_back(*link);
    top.children.push_back(supervision::child<net::interim_rpc>("rpc", on_.section(on_.schema.node).role));
    top.children.push_back(supervision::child<net::interim_broadcast>("broadcast"));
    if (link)
      top.children.push_back(supervision::child<link_opener>("link opener", this));
    return top;
  };
  return a;
}

supervision::application runtime::links(std::vector<std::string> behind) {
  supervision::application a{.name = "links", .description = "lets peers come", .dependencies = std::move(behind)};
  a.start = [this](supervision::application_context&) -> supervision::application_start {
    is_allowed_ = true;
    open_if_allowed();
    return std::monostate{};
  };
  a.stop = [this](supervision::application_context&) { is_allowed_ = false; };
  return a;
}

}  // namespace beamline::program
