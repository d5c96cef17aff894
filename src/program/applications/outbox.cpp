#include "program/applications/outbox.hpp"

#include "net/outbox/server.hpp"
#include "store/open.hpp"
#include "supervision/component.hpp"

#include <stdexcept>
#include <utility>

namespace beamline::program {

class outbox_site::store_part final : public supervision::component {
public:
  store_part(outbox_site& of, std::shared_ptr<store::database> db) : of_{of}, db_{std::move(db)} {
    std::lock_guard lock{of_.mutex_};
    of_.store_ = db_;
  }

  void stop(const reason&) override {
    {
      std::lock_guard lock{of_.mutex_};
      of_.store_ = nullptr;
    }
    if (auto closed = db_->close(outbox_store_stop_time); !closed)
      of_.on_.log.error("outbox", "its database did not end as it should", {{"error", closed.error()}});
  }

private:
  outbox_site& of_;
  std::shared_ptr<store::database> db_;
};

outbox_site::outbox_site(node_parts& on)
    : on_{on},
      recovery_{std::make_shared<recovery_file>(in_data_dir(on.section(on.schema.outbox).recovery_path),
                                                on.threads.add("recovery file"))} {}

void outbox_site::declare(declaration d) {
  if (declared_)
    throw std::logic_error{"a node has one outbox, which an application has declared already"};
  if (d.classes && !d.classes->empty())
    declared_ = std::move(d);
}

std::filesystem::path outbox_site::in_data_dir(const std::filesystem::path& file) const {
  return file.is_relative() ? on_.who.data_dir / file : file;
}

std::shared_ptr<store::database> outbox_site::store() const {
  std::lock_guard lock{mutex_};
  return store_;
}

std::vector<supervision::child_spec> outbox_site::children() {
  std::vector<supervision::child_spec> out;
  if (!declared_)
    return out;
  if (on_.section(on_.schema.outbox).durable)
    out.push_back(store_child());
  out.push_back(outbox_child());
  return out;
}

supervision::child_spec outbox_site::store_child() {
  auto open = [this](const supervision::component_context&) -> result<std::unique_ptr<supervision::component>> {
    // Not `[store]`: that may be a server, or a file that this node shares with nobody.
    store::store_options options;
    options.path = in_data_dir(on_.section(on_.schema.outbox).path);
    options.readers = 0;
    auto opened = store::open_file(options, on_.events, on_.clock);
    if (!opened)
      return opened.error().in("outbox.path");
    return std::unique_ptr<supervision::component>{std::make_unique<store_part>(*this, std::move(*opened))};
  };
  auto spec = supervision::child_component("outbox store", open, on_.threads.add("outbox store"));
  spec.shutdown = supervision::shutdown_policy::infinity();  // It has a limit of its own.
  return spec;
}

supervision::child_spec outbox_site::outbox_child() {
  auto options = on_.section(on_.schema.outbox);
  supervision::child_spec spec;
  spec.id = "outbox";
  spec.name = std::string{net::outbox::outbox_name};
  spec.kind = readable_name(typeid(net::outbox::server));
  spec.shutdown = supervision::shutdown_policy{options.flush_time + outbox_stop_reserve};
  spec.start = [this, options](supervision::starter& by) -> supervision::start_outcome {
    net::outbox::outbox_parts p{.classes = declared_->classes,
                                .target_role = declared_->target_role,
                                .remote_prefix = on_.section(on_.schema.cluster).remote_prefix,
                                .own_role = on_.section(on_.schema.node).role,
                                .procedure = declared_->procedure};
    if (options.durable) {
      p.store = store();
      if (!p.store)
        return reason::custom("the database of the outbox is not there");
    }
    p.recovery = recovery_;
    return by.spawn<net::outbox::server>(std::move(p), options);
  };
  return spec;
}

}  // namespace beamline::program
