#include "program/applications/accumulator.hpp"

#include "apps/accumulator/counter.hpp"
#include "apps/accumulator/rivals.hpp"
#include "apps/accumulator/sweeper.hpp"
#include "base/json.hpp"
#include "net/rpc/server.hpp"
#include "program/applications/ready_marker.hpp"
#include "store/open.hpp"
#include "supervision/component.hpp"

namespace beamline::program {

namespace {

constexpr const char* counter_name = "accumulator.counter";
// Of node.shutdown_timeout, the part that the store may take to finish what it has accepted.
constexpr int store_share = 8;

/// Another process has the file: with SQLite the second accumulator.
bool is_taken(const error& e) { return e.code == errc::conflict; }

/// What the store advises, a file of its own, would split the numbers.
error only_one(const error& e) {
  return {e.code, e.message
                      + ". If that is another accumulator: with SQLite there is one in a cluster, and two files "
                        "would each count a part. Stop one of them, or give both the same PostgreSQL "
                        "(BEAMLINE_DATABASE_URL)"};
}

}  // namespace

class accumulator_site::store_part final : public supervision::component {
public:
  store_part(accumulator_site& of, std::shared_ptr<store::database> db) : of_{of}, db_{std::move(db)} {
    std::lock_guard lock{of_.mutex_};
    of_.store_ = db_;
  }

  void stop(const reason&) override {
    {
      std::lock_guard lock{of_.mutex_};
      of_.store_ = nullptr;
    }
    const auto& on = of_.on_;
    if (auto closed = db_->close(on.section(on.schema.node).shutdown_timeout / store_share); !closed)
      on.log.error("store", "the store did not end as it should", {{"error", closed.error()}});
  }

private:
  accumulator_site& of_;
  std::shared_ptr<store::database> db_;
};

std::shared_ptr<store::database> accumulator_site::store() const {
  std::lock_guard lock{mutex_};
  return store_;
}

supervision::child_spec accumulator_site::store_child() {
  auto open = [this](const supervision::component_context&) -> result<std::unique_ptr<supervision::component>> {
    auto options = on_.section(on_.schema.store);
    if (options.path.is_relative())
      options.path = on_.who.data_dir / options.path;
    options.application_name = on_.who.name.text();
    auto opened = store::open_database(options, on_.events, on_.clock);
    if (!opened)
      return is_taken(opened.error()) ? only_one(opened.error()) : opened.error();
    return std::unique_ptr<supervision::component>{std::make_unique<store_part>(*this, std::move(*opened))};
  };
  auto spec = supervision::child_component("store", open, on_.threads.add("store"));
  spec.shutdown = supervision::shutdown_policy::infinity();  // It has a limit of its own.
  return spec;
}

supervision::child_spec accumulator_site::counter_child() {
  supervision::child_spec counter;
  counter.id = "counter";
  counter.name = counter_name;
  counter.kind = readable_name(typeid(accumulator::counter));
  counter.start = [this](supervision::starter& by) -> supervision::start_outcome {
    const auto is_shared = has_shared_store();
    return by.spawn<accumulator::counter>(
        accumulator::counter::parts{store(), net::rpc::rpc_on(on_.home->env()), is_shared, !is_shared, losses_},
        on_.section(on_.schema.accumulator));
  };
  return counter;
}

/// It ends normally when another accumulator has to be the only one, and everything here with it.
supervision::child_spec accumulator_site::rivals_child() {
  supervision::child_spec rivals;
  rivals.id = "rivals";
  rivals.kind = readable_name(typeid(accumulator::rivals));
  rivals.start = [this](supervision::starter& by) -> supervision::start_outcome {
    // On a server nobody is held: which accumulator comes first does not matter there.
    auto held = has_shared_store() ? pid{} : pid{on_.home->identity(), std::string{counter_name}};
    return by.spawn<accumulator::rivals>(accumulator::rivals::parts{held});
  };
  rivals.restart = supervision::restart_type::transient;
  rivals.significant = true;
  return rivals;
}

bool accumulator_site::has_shared_store() const { return !on_.section(on_.schema.store).database_url.empty(); }

supervision::child_spec accumulator_site::sweeper_child() {
  supervision::child_spec sweeper;
  sweeper.id = "sweeper";
  sweeper.kind = readable_name(typeid(accumulator::sweeper));
  sweeper.start = [this](supervision::starter& by) -> supervision::start_outcome {
    return by.spawn<accumulator::sweeper>(store(), on_.section(on_.schema.accumulator));
  };
  return sweeper;
}

supervision::application accumulator_site::application() {
  supervision::application a{.name = "accumulator", .description = "owns the numbers", .dependencies = {"runtime"}};
  a.type = supervision::application_type::permanent;
  a.start = [this, store_spec = store_child()](supervision::application_context& c) -> supervision::application_start {
    return supervision::supervisor_spec{
        .flags = {.strategy = supervision::strategy::rest_for_one,
                  .auto_shutdown = supervision::auto_shutdown::any_significant},
        .children = {store_spec, counter_child(), sweeper_child(), rivals_child(),
                     supervision::child<ready_marker>("readiness", &on_.ready, c.name())}};
  };
  a.config_change = [this](supervision::application_context& c, const supervision::setting_changes&) {
    auto options = accumulator::with_settings(on_.section(on_.schema.accumulator), json(c.settings().all()));
    on_.home->cast(pid{on_.home->identity(), std::string{counter_name}}, accumulator::change_options{options});
    return result<void>{};
  };
  return a;
}

}  // namespace beamline::program
