#include "net/link/octet_queue.hpp"

#include <utility>

namespace beamline::net {

void octet_queue::append_chunks(std::string_view octets) {
  // The first chunk grows as it is needed: most queues hold one small message for a moment. And after something long,
  // of which every chunk has the size it needs, hardly anything follows.
  auto will_more_follow = !chunks_.empty() && octets.size() < chunk_octets;
  while (!octets.empty()) {
    if (chunks_.empty() || chunks_.back().size() >= chunk_octets) {
      chunks_.emplace_back();
      if (will_more_follow)
        chunks_.back().reserve(chunk_octets);
    }
    auto piece = octets.substr(0, chunk_octets - chunks_.back().size());
    chunks_.back().append(piece);
    octets.remove_prefix(piece.size());
  }
}

void octet_queue::append(bytes&& octets) {
  if (octets.size() < chunk_octets)
    append(std::string_view{octets});
  else
    chunks_.push_back(std::move(octets));
}

template <class Use>
void octet_queue::consume(std::size_t octets, Use use) {
  while (octets > 0) {
    auto& first = chunks_.front();
    auto piece = std::string_view{first}.substr(at_, octets);
    use(piece);
    octets -= piece.size();
    at_ += piece.size();
    if (at_ == first.size()) {
      chunks_.pop_front();
      at_ = 0;
    }
  }
}

void octet_queue::take(std::size_t octets, bytes& out) {
  consume(octets, [&](std::string_view piece) { out.append(piece); });
}

void octet_queue::take(std::size_t octets, octet_queue& out) {
  consume(octets, [&](std::string_view piece) { out.append(piece); });
}

void octet_queue::drop(std::size_t octets) {
  consume(octets, [](std::string_view) {});
}

}  // namespace beamline::net
