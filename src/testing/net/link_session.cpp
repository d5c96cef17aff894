#include "testing/net/link_session.hpp"

#include <utility>

namespace beamline::testing {

namespace {

constexpr std::size_t read_bytes_max = 64 * 1024;
// What is handed to the stream at once; a frame that matters more need not wait for longer than this takes.
constexpr std::size_t batch_bytes_max = 64 * 1024;

}  // namespace

link_session::link_session(environment& env, std::unique_ptr<net::byte_stream> stream, options o)
    : env_{env}, stream_{std::move(stream)}, options_{std::move(o)} {}

link_session::~link_session() { env_.timers().cancel(timer_); }

void link_session::begin() {
  read();
  arm_tick();
}

// -- sending -----------------------------------------------------------------------------

result<void> link_session::send(lane where, bytes framed) {
  if (is_over_ || is_ending_)
    return error{errc::unavailable, "the connection has ended"};
  auto& q = lanes_[static_cast<std::size_t>(where)];
  if (q.octets + framed.size() > options_.lane_bytes_max)
    return error{errc::busy, std::to_string(q.octets) + " octets wait in that lane already, the limit is "
                                 + std::to_string(options_.lane_bytes_max) + "; try again later"};
  q.octets += framed.size();
  q.frames.push_back(std::move(framed));
  write();
  return {};
}

void link_session::say(bytes framed) {
  if (is_over_ || is_ending_)
    return;
  own_.octets += framed.size();
  own_.frames.push_back(std::move(framed));
  write();
}

void link_session::end_with(bytes framed) {
  say(std::move(framed));
  if (std::exchange(is_ending_, true) || is_over_)
    return;
  options_.on_frame = nullptr;
  options_.on_lost = nullptr;
  for (auto& q : lanes_)
    q = {};
  write();
}

bytes link_session::take_batch() {
  bytes batch;
  auto take_from = [&](queue& q) {
    while (!q.frames.empty() && batch.size() < batch_bytes_max) {
      q.octets -= q.frames.front().size();
      batch += q.frames.front();
      q.frames.pop_front();
    }
  };
  take_from(own_);
  for (auto& q : lanes_)
    take_from(q);
  return batch;
}

void link_session::write() {
  if (is_writing_ || is_over_)
    return;
  auto batch = take_batch();
  if (batch.empty()) {
    if (is_ending_)
      stop();
    return;
  }
  is_writing_ = true;
  stream_->write(std::move(batch), [weak = weak_from_this()](const result<void>& r) {
    auto self = weak.lock();
    if (!self)
      return;
    self->is_writing_ = false;
    if (r)
      self->write();
    else
      self->lose(r.error().message);
  });
}

// -- receiving ---------------------------------------------------------------------------

void link_session::read() {
  stream_->read(read_bytes_max, [weak = weak_from_this()](const result<bytes>& r) {
    auto self = weak.lock();
    if (!self || self->is_over_)
      return;
    if (!r)
      return self->lose(r.error().message);
    if (r.value().empty())
      return self->lose("the peer closed the connection");
    self->handle_octets(r.value());
    if (!self->is_over_)
      self->read();
  });
}

void link_session::handle_octets(const bytes& octets) {
  silent_ticks_ = 0;
  if (is_ending_)
    return;
  frames_.feed(octets);
  while (!is_over_ && !is_ending_) {
    auto f = frames_.next();
    if (!f)
      return lose("the peer sent nonsense: " + f.error().message);  // A skipped frame would be a gap (D68).
    if (!*f)
      return;
    // A copy: the handler may end this session, and its functions with it.
    auto handle = options_.on_frame;
    handle(**f);
  }
}

// -- is anybody there? -------------------------------------------------------------------

void link_session::arm_tick() {
  timer_ = env_.timers().arm(env_.time().now() + options_.tick, [weak = weak_from_this()] {
    if (auto self = weak.lock())
      self->handle_tick();
  });
}

// Counted in ticks and not in time: who was paused has not listened, and must not blame the other for it.
void link_session::handle_tick() {
  if (is_over_)
    return;
  if (++silent_ticks_ * options_.tick >= options_.silence_max)
    return lose("nothing was heard of it for " + std::to_string(to_ms(silent_ticks_ * options_.tick)) + " ms");
  arm_tick();
  if (!is_writing_)
    say(make_frame(frame_kind::tick, link_tick{++ticks_}));
}

// -- the end -----------------------------------------------------------------------------

void link_session::lose(const std::string& why) {
  if (is_over_)
    return;
  auto tell = std::exchange(options_.on_lost, nullptr);
  stop();
  if (tell)
    tell(why);
}

void link_session::stop() {
  is_over_ = true;
  env_.timers().cancel(timer_);
  stream_->close();
}

}  // namespace beamline::testing
