// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef ARM_H
#define ARM_H

#include <QtCore/qobject.h>

#include <functional>
#include <utility>

/// Has slot called by one signal of an object that is of type Object.
template<typename Object>
using Arm = std::function<void(Object *object, std::function<void()> slot)>;

template<typename Object, typename Signal>
Arm<Object> by(Signal signal)
{
    return [signal](Object *object, std::function<void()> slot) {
        QObject::connect(object, signal, object, std::move(slot));
    };
}

/// Only when it tells of that state.
template<typename Object>
Arm<Object> byState(typename Object::State wanted)
{
    return [wanted](Object *object, std::function<void()> slot) {
        QObject::connect(object, &Object::stateChanged, object,
                         [wanted, slot = std::move(slot)](typename Object::State state) {
                             if (state == wanted)
                                 slot();
                         });
    };
}

#endif // ARM_H
