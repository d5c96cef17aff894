#include "net/middleman/carried_stream.hpp"

#include <utility>

namespace beamline::net {

struct carried_stream::core final : net_thread::resident, std::enable_shared_from_this<core> {
  core(net_thread& h, std::unique_ptr<local_stream> i, hooks k)
      : resident{h}, inner{std::move(i)}, told{std::move(k)} {}

  void evict() override {
    reader = nullptr;
    writer = nullptr;
    told = {};
    inner.reset();
  }

  void read_inner();
  void tell_ready();
  void let_go();

  std::unique_ptr<local_stream> inner;  // Null once closed.
  hooks told;
  basp::sieve out{};
  bytes ready{};  // Sieved, for the next read.
  std::size_t max = 0;
  on_read reader{};
  on_done writer{};
};

void carried_stream::core::read_inner() {
  inner->read(max, [self = weak_from_this()](result<bytes> got) {
    auto c = self.lock();
    if (!c || !c->reader)
      return;
    if (!got || got->empty())
      return std::exchange(c->reader, nullptr)(std::move(got));
    auto before = c->out.dropped();
    c->ready = c->out.pass(std::move(*got));
    if (c->out.dropped() != before && c->told.dropped)
      c->told.dropped(c->out.dropped() - before);
    if (c->ready.empty())
      return c->read_inner();
    c->tell_ready();
  });
}

void carried_stream::core::tell_ready() {
  auto part = std::exchange(ready, {});
  if (part.size() > max) {  // With the rest of a header that came before.
    ready = part.substr(max);
    part.resize(max);
  }
  std::exchange(reader, nullptr)(std::move(part));
}

void carried_stream::core::let_go() {
  if (!inner)
    return;
  inner->hang_up();
  auto gone = std::exchange(inner, nullptr);
  if (auto linger = std::exchange(told.linger, nullptr))
    linger(std::move(gone));
  told = {};
}

carried_stream::carried_stream(net_thread& home, std::unique_ptr<local_stream> inner, hooks h)
    : core_{std::make_shared<core>(home, std::move(inner), std::move(h))} {}

carried_stream::~carried_stream() {
  core_->let_go();
  core_->evict();
}

void carried_stream::read(std::size_t max, on_read done) {
  core_->reader = std::move(done);
  core_->max = max;
  if (core_->inner && core_->ready.empty())
    return core_->read_inner();
  core_->home().post([c = core_] {
    if (!c->reader)
      return;
    if (c->inner)
      c->tell_ready();
    else
      std::exchange(c->reader, nullptr)(error{errc::cancelled, "the carrier was closed here"});
  });
}

void carried_stream::write(bytes octets, on_done done) {
  core_->writer = std::move(done);
  if (core_->inner)
    return core_->inner->write(std::move(octets), [self = std::weak_ptr{core_}](result<void> how) {
      if (auto c = self.lock(); c && c->writer)
        std::exchange(c->writer, nullptr)(std::move(how));
    });
  core_->home().post([c = core_] {
    if (c->writer)
      std::exchange(c->writer, nullptr)(error{errc::cancelled, "the carrier was closed here"});
  });
}

void carried_stream::finish() {
  if (core_->inner)
    core_->inner->finish();
}

void carried_stream::close() {
  if (!core_->inner)
    return;
  core_->let_go();
  core_->home().post([c = core_] {
    auto closed = error{errc::cancelled, "the carrier was closed here"};
    if (auto reader = std::exchange(c->reader, nullptr))
      reader(closed);
    if (auto writer = std::exchange(c->writer, nullptr))
      writer(closed);
  });
}

bool carried_stream::is_open() const { return core_->inner != nullptr; }

endpoint carried_stream::remote() const { return {"local", 0}; }

}  // namespace beamline::net
