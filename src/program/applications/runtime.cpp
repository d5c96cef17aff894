#include "program/applications/runtime.hpp"

#include "net/discovery/discovery.hpp"
#include "net/discovery/settings.hpp"
#include "net/rpc/server.hpp"
#include "program/cluster_verbs_wiring.hpp"
#include "pubsub/groups/scope.hpp"
#include "pubsub/system.hpp"
#include "supervision/tasks/task_supervisor.hpp"

namespace beamline::program {

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
    shown_.links.with([](net::links& l) { l.begin(); });
}

supervision::child_spec runtime::links_child() {
  auto start = [this](const supervision::component_context&) { return start_links(on_, shown_); };
  return supervision::child_component("links", start, on_.threads.add("links"));
}

supervision::child_spec runtime::discovery_child() {
  supervision::child_spec child;
  child.id = "discovery";
  child.kind = readable_name(typeid(net::discovery));
  child.start = [this](supervision::starter& by) -> supervision::start_outcome {
    std::vector<net::endpoint> own;
    shown_.links.with([&](const net::links& l) {
      if (auto at = l.listens_at())
        own.push_back(*at);
      if (auto told = net::parse_endpoint(l.card().endpoint))
        own.push_back(*told);
    });
    auto options = net::discovery_settings(on_.section(on_.schema.cluster), std::move(own));
    if (!options)
      return reason::custom(options.error().message);
    return by.spawn<net::discovery>(std::move(*options), ports_.for_discovery());
  };
  return child;
}

supervision::application runtime::application() {
  supervision::application a{.name = "runtime", .description = "links, calls and broadcasts between nodes"};
  a.type = supervision::application_type::permanent;
  bool is_linked = on_.section(on_.schema.cluster).enabled;
  a.start = [this, links = is_linked ? std::optional{links_child()} : std::nullopt,
             waiting = outbox_.children()](supervision::application_context&) -> supervision::application_start {
    supervision::supervisor_spec top{.flags = {.strategy = supervision::strategy::rest_for_one}};
    top.children.push_back(supervision::child_task_supervisor("tasks", {.name = std::string{tasks_name}}));
    if (links)
      top.children.push_back(*links);
    top.children.push_back(supervision::child<net::rpc::server>("rpc", on_.section(on_.schema.node).role));
    top.children.push_back(pubsub::child_system({}));
    top.children.push_back(supervision::child<pubsub::groups::scope>("groups"));
    top.children.push_back(supervision::child<far_verbs>("far verbs", &verbs_));
    top.children.insert(top.children.end(), waiting.begin(), waiting.end());
    if (links) {
      top.children.push_back(supervision::child<link_opener>("link opener", this));
      top.children.push_back(discovery_child());
    }
    return top;
  };
  return a;
}

supervision::application runtime::links(std::vector<std::string> behind) {
  supervision::application a{.name = "links", .description = "lets peers come", .dependencies = std::move(behind)};
  a.start = [this](supervision::application_context& c) -> supervision::application_start {
    is_allowed_ = true;
    open_if_allowed();
    on_.home->cast(net::discovery_on(c.env()), net::discovery_refresh{});
    return std::monostate{};
  };
  a.stop = [this](supervision::application_context&) { is_allowed_ = false; };
  return a;
}

}  // namespace beamline::program
