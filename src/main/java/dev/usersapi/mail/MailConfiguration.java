package dev.usersapi.mail;

import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.mail.javamail.JavaMailSender;

@Configuration(proxyBeanMethods = false)
class MailConfiguration {

    @Bean
    MailTransport mailTransport(
            ObjectProvider<JavaMailSender> sender,
            MailProperties properties,
            MailProperties.Smtp smtp,
            MailComposer composer,
            Clock clock) {
        return smtp.host().isBlank()
                ? new FileMailTransport(properties.directory(), composer, clock)
                : new SmtpMailTransport(sender.getObject(), composer, smtp.host());
    }
}
