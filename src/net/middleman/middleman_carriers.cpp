#include "net/middleman/middleman_carriers.hpp"

#include "net/middleman/basp_frames.hpp"
#include "net/middleman/caf_loop.hpp"
#include "net/middleman/caf_node_id.hpp"
#include "net/middleman/carried_envelope.hpp"
#include "net/middleman/carried_stream.hpp"
#include "net/middleman/door.hpp"
#include "net/tcp/socket_stream.hpp"

#include <caf/actor_system.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/defaults.hpp>
#include <caf/io/basp/version.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/make_actor.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include <unistd.h>

namespace beamline::net {

namespace {

// Read at once of what CAF still had to say to a carrier that is gone.
constexpr std::size_t linger_octets = 64 * 1024;

result<basp::dialect> learn_dialect(caf::actor_system& system) {
  auto to_octets = [&](auto&&... xs) {
    std::vector<char> out;
    caf::binary_serializer sink{system, out};
    auto failed = sink(xs...);
    return failed ? bytes{} : bytes{out.begin(), out.end()};
  };
  auto d = basp::dialect{};
  d.node_id = to_octets(system.node());
  auto names = caf::get_or(system.config(), "middleman.app-identifiers", caf::defaults::middleman::app_identifiers);
  d.handshake_middle = to_octets(names);
  d.envelope_begin = to_octets(std::vector<caf::strong_actor_ptr>{}, caf::make_message(carried_envelope{}));
  d.handshake_version = caf::io::basp::version;
  d.message_id = caf::make_message_id().integer_value();
  if (d.node_id.size() != basp::node_id_octets || d.handshake_middle.empty() || d.envelope_begin.empty()
      || d.envelope_begin.back() != '\0')
    return error{errc::unsupported, "this CAF writes messages in another way than 0.17; use CAF 0.17, or adapt "
                                    "net/middleman/basp_frames"};
  d.envelope_begin.pop_back();  // The length of the empty envelope.
  return d;
}

}  // namespace

struct middleman_carriers::impl final : net_thread::resident, std::enable_shared_from_this<impl> {
  impl(net_thread& h, caf::actor_system& s, std::shared_ptr<caf_loop> l, basp::dialect d)
      : resident{h},
        loop{std::move(l)},
        system{s},
        caf{std::move(d)},
        broker{s.middleman().named_broker<::caf::io::basp_broker>(::caf::atom("BASP"))} {}

  void evict() override {
    waiting.clear();
    lingering.clear();
  }

  /// Calls `fn` when CAF has let go of everything that lingers now.
  void when_clear(std::function<void()> fn);
  void linger(std::unique_ptr<local_stream> pair);
  void read_on(std::uint64_t id);
  void forget(std::uint64_t id);

  struct opening {
    std::uint64_t after;  // Begins when no lingering pair of a smaller number is left.
    std::function<void()> fn;
  };

  std::shared_ptr<caf_loop> loop;
  ::caf::actor_system& system;
  basp::dialect caf;
  ::caf::actor broker;
  std::map<std::uint64_t, std::unique_ptr<local_stream>> lingering;
  std::vector<opening> waiting;
  std::uint64_t last_pair = 0;
  std::set<bytes, std::less<>> peers;  // The node ids of open carriers.
  counters counted{};
};

void middleman_carriers::impl::when_clear(std::function<void()> fn) {
  if (lingering.empty())
    fn();
  else
    waiting.push_back({last_pair + 1, std::move(fn)});
}

void middleman_carriers::impl::linger(std::unique_ptr<local_stream> pair) {
  auto id = ++last_pair;
  lingering[id] = std::move(pair);
  read_on(id);
}

void middleman_carriers::impl::read_on(std::uint64_t id) {
  lingering.at(id)->read(linger_octets, [self = weak_from_this(), id](result<bytes> got) {
    auto i = self.lock();
    if (!i)
      return;
    if (got && !got->empty())
      i->read_on(id);
    else
      i->forget(id);
  });
}

void middleman_carriers::impl::forget(std::uint64_t id) {
  lingering.erase(id);
  auto oldest = lingering.empty() ? last_pair + 1 : lingering.begin()->first;
  auto ready = std::vector<opening>{};
  std::erase_if(waiting, [&](opening& o) {
    if (o.after > oldest)
      return false;
    ready.push_back(std::move(o));
    return true;
  });
  for (auto& o : ready)
    o.fn();
}

namespace {

/// See middleman_carriers.
class middleman_carrier final : public carrier {
public:
  struct parts {
    std::shared_ptr<caf_loop> loop;
    std::unique_ptr<carried_stream> octets;
    caf::strong_actor_ptr door;
    basp::inspector inspector;
    std::function<void(const class door&)> closed;
  };

  explicit middleman_carrier(parts p) : parts_{std::move(p)} {}
  ~middleman_carrier() override {
    parts_.octets.reset();  // The pair first: CAF then has nobody to tell that the door is gone.
    the_door().close();
    parts_.loop->nudge();
    parts_.closed(the_door());
  }
  middleman_carrier(const middleman_carrier&) = delete;
  middleman_carrier& operator=(const middleman_carrier&) = delete;

  byte_stream& octets() override { return *parts_.octets; }
  result<void> check(std::string_view from_peer) override { return parts_.inspector.feed(from_peer); }
  [[nodiscard]] std::uint64_t envelopes_checked() const override { return parts_.inspector.envelopes(); }
  void send(bytes envelope) override {
    the_door().send(std::move(envelope));
    parts_.loop->nudge();
  }

private:
  [[nodiscard]] door& the_door() const { return *static_cast<door*>(parts_.door->get()); }

  parts parts_;
};

/// A descriptor until somebody takes it.
class owned_descriptor {
public:
  explicit owned_descriptor(int d) : descriptor_{d} {}
  ~owned_descriptor() {
    if (descriptor_ >= 0)
      ::close(descriptor_);
  }
  owned_descriptor(const owned_descriptor&) = delete;
  owned_descriptor& operator=(const owned_descriptor&) = delete;
  [[nodiscard]] int release() { return std::exchange(descriptor_, -1); }

private:
  int descriptor_;
};

}  // namespace

void load_carriers(system_config& config) {
  config.load<caf::io::middleman>();
  config.set("middleman.manual-multiplexing", true);            // The net thread runs it: see caf_loop.
  config.set("middleman.workers", std::size_t{0});              // Envelopes must come in order and on one thread.
  config.set("middleman.enable-automatic-connections", false);  // That would open a port on every interface.
  config.add_message_type<carried_envelope>(carried_envelope_name);
}

middleman_carriers::middleman_carriers(std::shared_ptr<impl> i) : impl_{std::move(i)} {}

middleman_carriers::~middleman_carriers() { impl_->evict(); }

result<std::unique_ptr<middleman_carriers>> middleman_carriers::start(net_thread& home, caf::actor_system& system) {
  if (!system.has_middleman())
    return error{errc::unsupported, "the node cannot link; pass net::load_carriers as its options' configure"};
  if (auto fine = check_node_id(system); !fine)
    return fine.error();
  auto dialect = learn_dialect(system);
  if (!dialect)
    return dialect.error();
  auto loop = caf_loop::start(home, system);
  if (!loop)
    return loop.error();
  auto made = std::shared_ptr<impl>{};
  home.run([&] { made = std::make_shared<impl>(home, system, std::move(*loop), std::move(*dialect)); });
  return std::unique_ptr<middleman_carriers>{new middleman_carriers{std::move(made)}};
}

result<std::unique_ptr<carrier>> middleman_carriers::open(link_side side, events e) {
  auto pair = open_local_pair(impl_->home());
  if (!pair)
    return pair.error();
  ++impl_->counted.opened;
  auto& system = impl_->system;
  caf::actor_config config;
  auto own = caf::make_actor<door, caf::strong_actor_ptr>(system.next_actor_id(), system.node(), &system, config, side,
                                                          std::move(e));
  auto peer = std::make_shared<bytes>();
  auto weak = std::weak_ptr{impl_};
  auto claim = [weak, peer](std::string_view id) {
    auto i = weak.lock();
    if (!i || !i->peers.emplace(id).second)
      return false;
    *peer = id;
    return true;
  };
  auto closed = [weak, peer](const door& d) {
    if (auto i = weak.lock()) {
      i->counted.dropped_in += d.dropped();
      i->peers.erase(*peer);
    }
  };
  auto stream = std::make_unique<carried_stream>(impl_->home(), std::move(pair->here),
                                                 carried_stream::hooks{[weak](std::unique_ptr<local_stream> gone) {
                                                                         if (auto i = weak.lock())
                                                                           i->linger(std::move(gone));
                                                                       },
                                                                       [weak](std::uint64_t n) {
                                                                         if (auto i = weak.lock())
                                                                           i->counted.dropped_out += n;
                                                                       }});
  impl_->when_clear([i = impl_.get(), own, there = std::make_shared<owned_descriptor>(pair->there)] {
    auto& d = *static_cast<door*>(own->get());
    d.begin(i->broker, i->system.middleman().backend().new_scribe(there->release()));
    i->loop->nudge();
  });
  return std::unique_ptr<carrier>{std::make_unique<middleman_carrier>(
      middleman_carrier::parts{impl_->loop, std::move(stream), own,
                               basp::inspector{{side, own->id(), &impl_->caf, std::move(claim)}}, std::move(closed)})};
}

middleman_carriers::counters middleman_carriers::count() const {
  auto out = impl_->counted;
  out.lingering = impl_->lingering.size();
  return out;
}

}  // namespace beamline::net
