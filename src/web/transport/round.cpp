#include "web/transport/round.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace beamline::web::transport {

void round::keep(std::shared_ptr<void> what) {
  if (io_ == nullptr)
    return;
  kept_.push_back(std::move(what));
  if (kept_.size() >= kept_max)
    return let_go();
  if (!std::exchange(is_end_due_, true))
    boost::asio::post(*io_, [self = shared_from_this()] {
      self->is_end_due_ = false;
      self->let_go();
    });
}

void round::stop() {
  io_ = nullptr;
  let_go();
}

// What is destroyed here may keep more.
void round::let_go() { auto all = std::exchange(kept_, {}); }

}  // namespace beamline::web::transport
